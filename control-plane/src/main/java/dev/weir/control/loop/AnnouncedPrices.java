package dev.weir.control.loop;

import dev.weir.control.model.Pool;
import dev.weir.control.threads.OneThread;
import dev.weir.weights.Proposal.Announcement;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/** Prices that are to go out next, and which of them are stored: only those may. */
final class AnnouncedPrices {
    private final OneThread thread;
    private final Map<String, Announcement> stored = new HashMap<>();
    private Map<String, Announcement> announced = Map.of();

    /** @param restored what is announced and stored at the start */
    AnnouncedPrices(OneThread thread, List<Announcement> restored) {
        this.thread = thread;
        announced(restored);
        stored.putAll(announced);
    }

    /** Takes note of what is announced now. */
    void announced(List<Announcement> now) {
        thread.check();
        announced = now.stream().collect(Collectors.toMap(Announcement::pool, each -> each, (first, again) -> first));
        stored.entrySet().removeIf(each -> !each.getValue().equals(announced.get(each.getKey())));
    }

    /** Takes note of one that is stored. */
    void stored(Announcement announcement) {
        thread.check();
        if (announcement.equals(announced.get(announcement.pool()))) { // another one may have had its number
            stored.put(announcement.pool(), announcement);
        }
    }

    /** Number of the pool's newest price that may go out to these members; 0 = none that is announced. */
    long newest(String pool, List<Pool.Member> members) {
        thread.check();
        Announcement next = stored.get(pool);
        return next != null
                        && members.stream().allMatch(member -> next.byProvider().containsKey(member.provider()))
                ? next.number()
                : 0;
    }

    /** What is announced, as of the last tick. */
    List<Announcement> all() {
        return List.copyOf(announced.values());
    }
}
