package dev.weir.control.pick;

import dev.weir.control.model.Admission;
import dev.weir.control.model.Decision;
import dev.weir.control.model.Image;
import dev.weir.control.model.Pool;
import dev.weir.control.model.Retries.Condition;
import dev.weir.weights.Observation.PoolInput;
import dev.weir.weights.Proposal;
import dev.weir.weights.Proposal.Member;
import dev.weir.weights.Proposal.PoolProposal;
import dev.weir.weights.Proposal.ProviderState;
import dev.weir.xds.telemetry.AccessRecord;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** What an image says that a pick needs, looked up once per image. Immutable. */
final class MeshView {
    final String epoch;
    /** Names by index: every provider that a pool names. */
    final List<String> providers;

    final Map<String, Integer> index = new HashMap<>();
    final Map<String, PoolView> pools = new HashMap<>();
    /** Names of the pools whose requests are picked for: governed ones that are not handed over. */
    final Set<String> picked = new LinkedHashSet<>();

    /** What this tick thinks, whether it was released or not. */
    final Proposal thought;

    /** Pools that a provider serves, by its index. */
    final List<Set<String>> served = new ArrayList<>();

    /** What a pick needs of one pool. Its members keep their places whether they can be called or not. */
    static final class PoolView {
        final String name;
        /** Whether a provider is picked for each of its requests. */
        final boolean picks;
        /** Whether its requests may go on unchecked. */
        final boolean open;
        /** Whether its requests go by the split for a while, but for a few. */
        final boolean handedOver;

        final Admission.Queue.Pool bounds;
        final int retries;
        /** Statuses of answers that are tried elsewhere. */
        final Set<Integer> retriedStatuses;

        final boolean cutIsRetried;
        final boolean unreachedIsRetried;
        final long longestNanos;
        final double work;
        /** Indexes of those that may be called: regular ones first, then standbys. */
        final int[] callable;

        final int regular;
        /** Indexes of regular ones that refuse this pool's requests or give them no answer, where others do: they get probes only. */
        final int[] refusing;

        /** Places in the route's list, by provider name. */
        final Map<String, Integer> places = new HashMap<>();

        final Map<String, Long> prices = new HashMap<>();

        private PoolView(Pool pool, Decision decision, Map<String, Integer> index, Image image) {
            name = pool.name();
            picks = pool.admission().pick().isPresent();
            open = pool.admission()
                    .check()
                    .filter(check -> check.onUnavailable() == Admission.OnUnavailable.OPEN)
                    .isPresent();
            handedOver = image.handedOver().contains(pool.name());
            bounds = pool.admission()
                    .pick()
                    .map(Admission.Pick::queue)
                    .filter(Admission.Queue.Pool.class::isInstance)
                    .map(Admission.Queue.Pool.class::cast)
                    .orElseGet(() -> Admission.Queue.Pool.within(pool.timeouts().maxStream()));
            longestNanos = pool.timeouts().maxStream().toNanos();
            Optional<PoolInput> seen = decision.observation().pool(name);
            work = seen.map(PoolInput::workPerRequest).filter(each -> each > 0).orElse(1.0);
            Optional<PoolProposal> decided = decision.proposal().pool(name);
            decided.ifPresent(each -> each.members().forEach(member -> prices.put(member.provider(), member.price())));
            List<Integer> regulars = new ArrayList<>();
            List<Integer> standbys = new ArrayList<>();
            List<Integer> probed = new ArrayList<>();
            for (Pool.Member member : pool.members()) {
                places.put(member.provider(), places.size());
                Integer k = index.get(member.provider());
                if (k != null
                        && prices.containsKey(member.provider())
                        && image.addresses().containsKey(member.provider())) {
                    List<Integer> to = member.standby() ? standbys : regulars;
                    boolean refuses = seen.flatMap(each -> each.member(member.provider()))
                            .filter(each -> each.refusal() > 0)
                            .isPresent();
                    boolean mute = decided.flatMap(each -> each.member(member.provider()))
                            .filter(Member::silent)
                            .isPresent();
                    (refuses || mute ? probed : to).add(k);
                }
            }
            if (regulars.isEmpty() && standbys.isEmpty()) {
                regulars.addAll(probed);
                probed.clear();
            }
            regular = regulars.size();
            regulars.addAll(standbys);
            refusing = probed.stream().mapToInt(Integer::intValue).toArray();
            callable = regulars.stream().mapToInt(Integer::intValue).toArray();
            Set<Condition> conditions = pool.retries().conditions();
            retries = pool.retries().most();
            retriedStatuses =
                    callable.length + refusing.length > 1 ? pool.retries().statuses() : Set.of();
            cutIsRetried = pool.timeouts().perTry().isPresent() || conditions.contains(Condition.RESET);
            unreachedIsRetried = conditions.contains(Condition.CONNECT_FAILURE);
        }

        /** Whether the sidecar will have tried again after {@code attempt}, by what the pool's route tells it to retry. */
        boolean isRetried(AccessRecord attempt) {
            if (attempt.identity().attempt() > retries
                    || attempt.outcome().flags().contains("DC")
                    || attempt.outcome().shed()) {
                return false;
            }
            if (attempt.outcome().status() != 0) {
                return attempt.outcome().bounced()
                        || retriedStatuses.contains(attempt.outcome().status());
            }
            return cutIsRetried
                    || (unreachedIsRetried && attempt.outcome().flags().contains("UF"));
        }
    }

    MeshView(Image image, Decision decision) {
        epoch = decision.epoch().toString();
        Set<String> names = new LinkedHashSet<>();
        image.config().pools().values().forEach(pool -> pool.members().forEach(member -> names.add(member.provider())));
        providers = List.copyOf(names);
        for (String name : providers) {
            index.put(name, index.size());
            served.add(new LinkedHashSet<>());
        }
        thought = image.proposal();
        for (Pool pool : image.config().pools().values()) {
            pools.put(pool.name(), new PoolView(pool, decision, index, image));
            if (pool.admission().pick().isPresent() && !image.handedOver().contains(pool.name())) {
                picked.add(pool.name());
            }
            for (Pool.Member member : pool.members()) {
                Integer k = index.get(member.provider());
                if (k != null) {
                    served.get(k).add(pool.name());
                }
            }
        }
    }

    @Nullable
    ProviderState state(String provider) {
        return thought.provider(provider).orElse(null);
    }
}
