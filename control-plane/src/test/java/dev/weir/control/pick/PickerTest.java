package dev.weir.control.pick;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.control.admission.AdmissionListener.Outcome;
import dev.weir.control.loop.Inbox;
import dev.weir.control.model.Admission;
import dev.weir.control.model.Config;
import dev.weir.control.model.Decision;
import dev.weir.control.model.Declarations;
import dev.weir.control.model.Epoch;
import dev.weir.control.model.Image;
import dev.weir.control.model.Pool;
import dev.weir.control.testing.Configs;
import dev.weir.control.testing.PoolMaker;
import dev.weir.weights.Observation;
import dev.weir.weights.Observation.MemberInput;
import dev.weir.weights.Observation.PoolInput;
import dev.weir.weights.Proposal;
import dev.weir.weights.Proposal.Member;
import dev.weir.weights.Proposal.PoolProposal;
import dev.weir.weights.Proposal.ProviderState;
import dev.weir.weights.Proposal.Release;
import dev.weir.weights.Proposal.Status;
import dev.weir.xds.check.AnswerListener;
import dev.weir.xds.check.CheckAnswer;
import dev.weir.xds.check.CheckAnswer.Pass;
import dev.weir.xds.check.CheckAnswer.Refuse;
import dev.weir.xds.check.CheckedRequest;
import dev.weir.xds.telemetry.AccessRecord.Kind;
import dev.weir.xds.telemetry.LoadReport;
import dev.weir.xds.telemetry.LoadReport.ClusterLoad;
import dev.weir.xds.testing.RecordMaker;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Two providers, a and b, of two slots and 10 requests per second each; pool m. */
final class PickerTest {
    private static final long SECOND = 1_000_000_000L;
    private static final long TERM = 2;
    /** As long as a sidecar waits where a queue holds 30 s. */
    private static final long PATIENCE = 35 * SECOND;

    private static final long START_MICROS = 1_800_000_000_000_000L;

    private final List<String> outcomes = new ArrayList<>();
    private final Map<String, Long> reported = new HashMap<>();
    private List<MemberInput> refusals = List.of();
    private int dropped;
    private boolean waits;
    /** Whether answers do not get to the sidecar. */
    private boolean deaf;

    private Set<String> handedOver = Set.of();
    private long now = 1;
    private long decidedIn = TERM;
    private String asker = "connection";
    private long tick;
    private final Inbox inbox = new Inbox(10_000);
    private final Map<String, Status> status = new TreeMap<>(Map.of("a", Status.ACTIVE, "b", Status.ACTIVE));
    private Config config = governed(new Admission.Queue.Provider());
    private Picker picker = picker();

    private Picker picker() {
        return picker(1 << 20);
    }

    private Picker picker(long heapBytes) {
        PickListener listener = new PickListener() {
            @Override
            public void checked(String pool, Outcome outcome) {
                outcomes.add(outcome.name());
            }

            @Override
            public void held(String pool, long nanos) {}

            @Override
            public void dropped(int grants) {
                dropped += grants;
            }
        };
        PickState state = new PickState(TERM, heapBytes, now, new CheckQueue.OldestFirst());
        return new Picker(inbox, () -> now, listener, List.of(), state);
    }

    @BeforeEach
    void publish() {
        List<Member> members = new ArrayList<>();
        List<ProviderState> states = new ArrayList<>();
        status.forEach((name, each) -> {
            members.add(new Member(name, 500_000, name.equals("a") ? 250 : 260));
            states.add(new ProviderState(name, each, 10, each.takesTraffic() ? 10 : 0, 2, 0, 0, 0, ""));
        });
        Proposal proposal = new Proposal(
                List.of(new PoolProposal("m", members, 1, 0, 0, 0, 250, 3, 0)),
                states,
                new Release(false, Set.of(), 0));
        Observation observation = new Observation(now, false, List.of(new PoolInput("m", refusals, 100, 1)), List.of());
        Image image = new Image(
                ++tick,
                tick,
                config,
                new Declarations("file", Map.of(), Optional.empty(), 1, Optional.empty()),
                Map.of("a", List.of("127.0.0.1"), "b", List.of("127.0.0.1")),
                Optional.of(new Decision(new Epoch(decidedIn, 9), 1, observation, proposal)),
                proposal,
                Map.of(),
                handedOver);
        picker.publish(image, false);
    }

    private static Config governed(Admission.Queue queue) {
        Config plain = Configs.of("a", "b");
        Map<String, Pool> pools = new HashMap<>();
        plain.pools()
                .forEach((name, pool) -> pools.put(
                        name,
                        PoolMaker.like(pool)
                                .admission(Admission.governed(Admission.OnUnavailable.OPEN, queue))
                                .make()));
        return new Config(plain.mesh(), plain.providers(), pools);
    }

    private void queue(int requests, Duration time) {
        waits = true;
        config = governed(new Admission.Queue.Pool(requests, time));
        publish();
    }

    /** A check and what came of it. */
    private final class Asked {
        private final List<CheckAnswer> answers = new ArrayList<>();
        private final AnswerListener fate;
        private final boolean reached = !deaf;

        Asked(String id, String pool, boolean mayWait, long arrivedMicros) {
            this(id, pool, mayWait, arrivedMicros, "");
        }

        Asked(String id, String pool, boolean mayWait, long arrivedMicros, String follows) {
            fate = picker.check(
                    new CheckedRequest(id, pool, mayWait, arrivedMicros, follows, asker, PATIENCE), this::answered);
            if (reached && !answers.isEmpty()) {
                fate.arrived();
            }
        }

        private void answered(CheckAnswer answer) {
            answers.add(answer);
            // null while the check is asked
            AnswerListener known = fate;
            if (reached && known != null) {
                known.arrived();
            }
        }

        boolean waits() {
            return answers.isEmpty();
        }

        String pick() {
            assertThat(answers).singleElement().isInstanceOf(Pass.class);
            return String.valueOf(((Pass) answers.get(0)).headers().get("weir-pick"));
        }

        Map<String, Object> facts() {
            return ((Pass) answers.get(0)).facts();
        }

        Refuse refusal() {
            assertThat(answers).singleElement().isInstanceOf(Refuse.class);
            return (Refuse) answers.get(0);
        }
    }

    private Asked ask(String id) {
        return new Asked(id, "m", waits, 0);
    }

    private void attempt(String id, int number, String provider, int status) {
        record(Kind.ATTEMPT, id, number, provider, status, "");
    }

    private void record(Kind kind, String id, int number, String provider, int httpStatus, String flags) {
        picker.records(List.of(RecordMaker.record(kind, id, number)
                .start(START_MICROS)
                .lasting(now / 1_000, 1)
                .pool("m")
                .provider(provider)
                .price("2.9", 100, 1)
                .ended(httpStatus, "", flags)
                .make()));
    }

    private void gauge(long a, long b) {
        gauge("sidecar", a, b);
    }

    /** A report that covers all the time since the one before. */
    private void gauge(String node, long a, long b) {
        Long before = reported.put(node, now);
        gauge(node, a, b, before == null ? SECOND / 4 : Math.max(1, now - before));
    }

    private void gauge(String node, long a, long b, long interval) {
        picker.load(new LoadReport(
                node,
                now,
                List.of(new ClusterLoad("m|a", a, 0, 0, 0, interval), new ClusterLoad("m|b", b, 0, 0, 0, interval))));
    }

    /** A second with four reports of the same. */
    private void second(long a, long b) {
        quarters(4, () -> gauge(a, b));
    }

    private void quarters(int count, Runnable each) {
        for (int i = 0; i < count; i++) {
            now += SECOND / 4;
            each.run();
            publish();
        }
    }

    /** The time that sidecars may need to be heard of is over. */
    private void settled() {
        now += 10 * SECOND;
        picker.connection("sidecar", true);
    }

    @Test
    void requests_go_where_the_wait_is_least_and_retries_to_the_other() {
        // places: a = 0, b = 1; of two entries a retry has one left
        assertThat(ask("1").pick()).isEqualTo("0");
        assertThat(ask("2").pick()).isEqualTo("1");
        assertThat(picker.inFlight("a")).isEqualTo(1);
        attempt("2", 1, "b", 200);
        assertThat(ask("3").pick()).isEqualTo("1");
        assertThat(picker.grants()).isEqualTo(2);
    }

    @Test
    void a_pick_says_what_it_saw() {
        for (int i = 0; i < 4; i++) {
            ask("r" + i);
        }
        Asked asked = ask("x");
        assertThat(asked.facts())
                .containsEntry("reservation", "2-5")
                .containsEntry("epoch", "2.9")
                .containsEntry("price", 250L)
                .containsEntry("held_us", 0L)
                .containsEntry("pick", "a 100.0, b 100.0");
    }

    @Test
    void who_follows_up_an_answer_gets_the_provider_that_made_it_and_no_other_for_a_retry() {
        queue(10, Duration.ofSeconds(30));
        for (int i = 0; i < 8; i++) {
            assertThat(new Asked("f" + i, "m", true, 0, "b").pick()).isEqualTo("1");
        }
        assertThat(picker.inFlight("b")).isEqualTo(8);
        record(Kind.CALL, "f0", 1, "b", 200, "");
        assertThat(picker.inFlight("b")).isEqualTo(7);

        // nobody's name is nobody's wish
        assertThat(new Asked("x", "m", true, 0, "no member").pick()).isNotEqualTo("1");
    }

    @Test
    void a_repeated_check_has_the_same_grant_and_one_of_another_pool_a_clear_answer() {
        Asked first = ask("1");
        Asked again = ask("1");
        assertThat(again.answers).isEqualTo(first.answers);
        assertThat(picker.grants()).isEqualTo(1);
        assertThat(outcomes).containsExactly("PICKED", "REPEATED");
        assertThat(new Asked("2", "nowhere", false, 0).refusal().body())
                .contains("unknown_pool")
                .contains("nowhere");
    }

    @Test
    void no_more_are_granted_than_there_is_memory_for() {
        picker = picker(8 << 10);
        publish();
        ask("1");
        ask("2");
        assertThat(ask("3").refusal().status()).isEqualTo(429);
        assertThat(ask("2").pick()).isNotEmpty();
        assertThat(outcomes).containsExactly("PICKED", "PICKED", "FULL", "REPEATED");
        attempt("1", 1, "a", 200);
        assertThat(ask("3").pick()).isNotEmpty();
        assertThat(picker.grants()).isEqualTo(2);
    }

    @Test
    void a_retry_moves_the_grant_and_a_call_releases_what_is_left() {
        ask("1");
        attempt("1", 1, "a", 503);
        assertThat(picker.inFlight("a")).isZero();
        assertThat(picker.inFlight("b")).isEqualTo(1);
        attempt("1", 1, "a", 503); // heard twice
        assertThat(picker.inFlight("b")).isEqualTo(1);
        attempt("1", 2, "b", 503);
        assertThat(picker.grants()).isZero();

        ask("2");
        attempt("2", 1, "a", 429);
        record(Kind.CALL, "2", 1, "a", 429, "");
        assertThat(picker.grants()).as("the sidecar did not try again").isZero();
        ask("3");
        record(Kind.ATTEMPT, "3", 1, "a", 0, "DC");
        assertThat(picker.grants()).as("the client left").isZero();
    }

    @Test
    void what_a_side_shed_is_not_thought_to_be_tried_elsewhere_and_what_it_sent_on_is() {
        ask("1");
        bounced("1", 503);
        assertThat(picker.inFlight("b")).isEqualTo(1);
        ask("2");
        bounced("2", 429);
        assertThat(picker.inFlight("a")).isZero();
        assertThat(picker.grants()).as("the first one's").isEqualTo(1);
    }

    private void bounced(String id, int httpStatus) {
        picker.records(List.of(RecordMaker.record(Kind.ATTEMPT, id, 1)
                .start(START_MICROS)
                .lasting(now / 1_000, 1)
                .pool("m")
                .provider("a")
                .ended(httpStatus, "", "")
                .bounced(true)
                .make()));
    }

    @Test
    void records_of_grants_that_never_were_change_nothing() {
        ask("1");
        attempt("2", 1, "a", 200);
        attempt("1", 2, "a", 200);
        attempt("1", 1, "b", 200);
        record(Kind.CALL, "3", 1, "a", 200, "");
        assertThat(picker.inFlight("a")).isEqualTo(1);
        assertThat(picker.inFlight("b")).isZero();
    }

    @Test
    void who_finds_no_room_waits_in_order_and_goes_when_one_ends() {
        queue(10, Duration.ofSeconds(30));
        for (int i = 0; i < 6; i++) {
            assertThat(ask("r" + i).waits()).as("two slots and one more each").isFalse();
        }
        Asked one = ask("one");
        Asked two = ask("two");
        assertThat(one.waits() && two.waits()).isTrue();
        now += SECOND;
        attempt("r0", 1, "a", 200);
        assertThat(one.pick()).isEqualTo("0");
        assertThat(one.facts()).containsEntry("held_us", 1_000_000L);
        assertThat(two.waits()).isTrue();
        attempt("r1", 1, "b", 200);
        assertThat(two.pick()).isEqualTo("1");
        assertThat(picker.waiting("m")).isZero();
        assertThat(picker.grants()).isEqualTo(6);
    }

    @Test
    void who_came_first_to_a_sidecar_is_first_even_if_asked_for_later() {
        queue(10, Duration.ofSeconds(30));
        for (int i = 0; i < 6; i++) {
            ask("r" + i);
        }
        now += 10 * SECOND;
        Asked young = new Asked("young", "m", true, START_MICROS + now / 1_000);
        Asked old = new Asked("old", "m", true, START_MICROS + 1_000_000);
        asker = "another";
        Asked ahead = new Asked("ahead", "m", true, START_MICROS + 900_000_000_000L);
        attempt("r0", 1, "a", 200);
        assertThat(old.waits()).isFalse();
        attempt("r1", 1, "b", 200);
        assertThat(young.waits()).isFalse();
        attempt("r2", 1, "a", 200);
        assertThat(ahead.waits()).as("a clock that is ahead loses nothing").isFalse();
    }

    private static long millis(Refuse refusal) {
        return Long.parseLong(refusal.headers().getOrDefault("retry-after-ms", "-1"));
    }

    @Test
    void a_queue_has_a_length_and_a_longest_wait_and_says_when_to_come_again() {
        queue(2, Duration.ofSeconds(5));
        for (int i = 0; i < 6; i++) {
            ask("r" + i);
        }
        Asked first = ask("w1");
        ask("w2");
        Refuse full = ask("w3").refusal();
        assertThat(full.status()).isEqualTo(429);
        assertThat(millis(full)).isBetween(750L, 1_250L);
        assertThat(full.body()).contains("queue_full").contains("rate_limit_error");
        now += SECOND;
        attempt("r0", 1, "a", 200);
        assertThat(first.waits()).isFalse();
        ask("w4");
        // two wait; one of them leaves in 3 s, as far as is known
        assertThat(millis(ask("w5").refusal())).isBetween(6_750L, 11_250L);
        now += 5 * SECOND;
        picker.expire();
        assertThat(picker.waiting("m")).isZero();
        assertThat(outcomes).containsSequence("EXPIRED", "EXPIRED");
    }

    @Test
    void the_queues_clock_is_woken_by_the_first_who_waits_and_by_nobody_else() {
        AtomicInteger woken = new AtomicInteger();
        picker.onHeld(woken::incrementAndGet);
        queue(10, Duration.ofSeconds(5));
        for (int i = 0; i < 6; i++) {
            ask("r" + i);
        }
        assertThat(woken).hasValue(0);
        assertThat(picker.holds()).isFalse();
        ask("w1");
        ask("w2");
        assertThat(woken).hasValue(1);
        assertThat(picker.holds()).isTrue();
        now += 6 * SECOND;
        picker.expire();
        assertThat(picker.holds()).isFalse();
        ask("w3");
        assertThat(woken).hasValue(2);
    }

    @Test
    void who_leaves_leaves_the_queue_or_gives_the_grant_back() {
        queue(10, Duration.ofSeconds(30));
        deaf = true;
        Asked[] granted = new Asked[6];
        for (int i = 0; i < 6; i++) {
            granted[i] = ask("r" + i);
        }
        Asked one = ask("one");
        Asked two = ask("two");
        one.fate.left();
        assertThat(picker.waiting("m")).isEqualTo(1);
        granted[0].fate.left();
        assertThat(two.waits()).as("its place went to who waited").isFalse();
        assertThat(one.waits()).isTrue();
        granted[1].fate.left();
        granted[1].fate.left();
        assertThat(picker.grants()).isEqualTo(5);
    }

    @Test
    void ten_thousand_that_ask_and_leave_leave_nothing() {
        queue(100, Duration.ofSeconds(30));
        deaf = true;
        List<Asked> all = new ArrayList<>();
        for (int i = 0; i < 10_000; i++) {
            all.add(ask("r" + i));
        }
        assertThat(picker.grants()).isEqualTo(6);
        assertThat(picker.waiting("m")).isEqualTo(100);
        assertThat(all.stream().filter(a -> !a.waits() && a.answers.get(0) instanceof Refuse))
                .hasSize(9_894);
        all.forEach(asked -> asked.fate.left());
        assertThat(picker.grants()).isZero();
        assertThat(picker.waiting("m")).isZero();
    }

    @Test
    void a_held_check_that_comes_again_keeps_its_place() {
        queue(10, Duration.ofSeconds(30));
        for (int i = 0; i < 6; i++) {
            ask("r" + i);
        }
        Asked lost = ask("w");
        Asked again = ask("w");
        assertThat(lost.refusal().body()).contains("request_id_in_use");
        lost.fate.left();
        assertThat(picker.waiting("m")).isEqualTo(1);
        attempt("r0", 1, "a", 200);
        assertThat(again.waits()).isFalse();
    }

    @Test
    void grants_that_no_sidecar_has_are_dropped_and_those_it_has_stay() {
        settled();
        for (int i = 0; i < 4; i++) {
            ask("r" + i);
        }
        second(2, 2);
        second(2, 2);
        assertThat(picker.grants()).isEqualTo(4);
        second(1, 2);
        second(1, 2);
        second(1, 2);
        assertThat(picker.inFlight("a")).isEqualTo(1);
        assertThat(dropped).isEqualTo(1);
        now += 10 * SECOND; // silence
        publish();
        publish();
        assertThat(picker.grants()).as("without reports nothing is known").isEqualTo(3);
    }

    @Test
    void reports_that_were_held_back_drop_nothing_that_began_after_they_were_taken() {
        settled();
        quarters(8, () -> gauge(0, 0));
        now += SECOND; // of four reports none came
        for (int i = 0; i < 4; i++) {
            ask("r" + i);
        }
        now += 2 * SECOND;
        gauge("sidecar", 0, 0, SECOND / 4); // the first, of long before
        publish();
        assertThat(dropped).isZero();
        for (int i = 0; i < 11; i++) {
            gauge("sidecar", 2, 2, SECOND / 4);
        }
        publish();
        assertThat(picker.grants()).isEqualTo(4);
    }

    /** What two providers of two slots take, granted to a sidecar that gets no answer, and one who waits. */
    private List<Asked> deafened() {
        settled();
        queue(10, Duration.ofSeconds(30));
        deaf = true;
        List<Asked> asked = new ArrayList<>();
        for (int i = 0; i < 7; i++) {
            asked.add(ask("r" + i));
        }
        assertThat(asked.get(6).waits()).isTrue();
        return asked;
    }

    @Test
    void a_grant_whose_answer_is_on_its_way_is_given_to_nobody_else_whatever_the_gauges_show() {
        List<Asked> asked = deafened();
        for (int i = 0; i < 20; i++) {
            second(0, 0);
        }
        assertThat(dropped).isZero();
        assertThat(asked.get(6).waits()).as("six may begin at any time").isTrue();

        asked.get(0).fate.arrived();
        second(0, 0);
        assertThat(dropped).as("it may not be in a gauge yet").isZero();
        second(0, 0);
        second(0, 0);
        assertThat(dropped).as("its sidecar had it, and has it no more").isEqualTo(1);
        assertThat(asked.get(6).waits()).isFalse();
        assertThat(picker.grants()).isEqualTo(6);
    }

    @Test
    void an_answer_that_its_sidecar_no_longer_waits_for_holds_no_slot() {
        deafened();
        picker.check(new CheckedRequest("quick", "m", false, 0, "b", asker, SECOND / 20), answer -> {});
        for (int i = 0; i < 3; i++) {
            second(0, 0);
        }
        assertThat(dropped).as("the one that waited for milliseconds").isEqualTo(1);
        for (int i = 0; i < 31; i++) {
            second(0, 0);
        }
        assertThat(dropped).isEqualTo(1);
        for (int i = 0; i < 4; i++) {
            second(0, 0);
        }
        assertThat(dropped).isEqualTo(7);
    }

    @Test
    void who_asks_again_waits_anew_and_his_answer_counts_not_the_one_that_he_did_not_wait_for() {
        List<Asked> asked = deafened();
        for (int i = 0; i < 30; i++) {
            second(0, 0);
        }
        picker.expire(); // who waited
        Asked again = ask("r0");
        asked.get(0).fate.left();
        asked.get(0).fate.arrived();
        for (int i = 0; i < 10; i++) {
            second(0, 0);
        }
        assertThat(dropped).as("five of six were waited for until now").isEqualTo(5);
        assertThat(again.answers).isEqualTo(asked.get(0).answers);
        assertThat(picker.grants()).isEqualTo(1);
        again.fate.left();
        assertThat(picker.grants()).as("now nobody has it").isZero();
    }

    @Test
    void the_refusal_of_who_asked_before_says_nothing_of_the_answer_that_was_given_since() {
        List<Asked> asked = deafened();
        Asked again = ask("r6");
        asked.get(0).fate.left();
        assertThat(again.waits()).isFalse();
        asked.get(6).fate.arrived();
        for (int i = 0; i < 5; i++) {
            second(0, 0);
        }
        assertThat(dropped).isZero();
        again.fate.arrived();
        for (int i = 0; i < 3; i++) {
            second(0, 0);
        }
        assertThat(dropped).isEqualTo(1);
    }

    @Test
    void a_record_of_an_attempt_tells_that_the_answer_had_arrived() {
        deafened();
        attempt("r0", 1, "a", 503);
        assertThat(picker.inFlight("b")).as("moved to the second choice").isEqualTo(4);
        for (int i = 0; i < 3; i++) {
            second(0, 0);
        }
        assertThat(dropped).isEqualTo(1);
    }

    @Test
    void a_cut_of_streams_drops_no_grant_and_invents_nothing() {
        settled();
        picker.connection("other", true);
        for (int i = 0; i < 6; i++) {
            ask("r" + i);
        }
        Runnable both = () -> {
            gauge(2, 1);
            gauge("other", 1, 2);
        };
        quarters(12, both);
        picker.connection("sidecar", false);
        quarters(2, () -> gauge("other", 1, 2));
        picker.connection("sidecar", true);
        quarters(18, () -> gauge("other", 1, 2)); // 5 s until it redials
        assertThat(picker.grants()).isEqualTo(6);
        attempt("r0", 1, "a", 200);
        attempt("r2", 1, "a", 200);
        quarters(6, () -> gauge("other", 1, 2));
        assertThat(picker.inFlight("a"))
                .as("its old gauge is no traffic of others")
                .isEqualTo(1);
        quarters(12, () -> {
            gauge(0, 1);
            gauge("other", 1, 2);
        });
        assertThat(picker.grants()).isEqualTo(4);

        // one that does not come back takes its requests with it
        picker.connection("other", false);
        quarters(24, () -> gauge(0, 1));
        assertThat(picker.grants()).isEqualTo(4);
        quarters(16, () -> gauge(0, 1));
        assertThat(picker.grants()).isEqualTo(1);
        assertThat(dropped).isEqualTo(3);
    }

    @Test
    void without_a_report_nothing_is_dropped_and_a_sidecar_that_was_never_heard_of_counts_too() {
        for (int i = 0; i < 4; i++) {
            ask("r" + i);
        }
        quarters(60, () -> {});
        assertThat(picker.grants()).isEqualTo(4);
        picker.connection("mute", true);
        quarters(60, () -> gauge(0, 0));
        assertThat(picker.grants())
                .as("they may be at the one that says nothing")
                .isEqualTo(4);
    }

    @Test
    void a_retry_is_as_young_as_its_second_attempt() {
        settled();
        ask("1");
        second(1, 0);
        second(1, 0);
        second(1, 0);
        attempt("1", 1, "a", 503);
        second(0, 0); // not yet in a gauge
        assertThat(picker.inFlight("b")).isEqualTo(1);
        second(0, 1);
        second(0, 1);
        assertThat(picker.inFlight("b")).isEqualTo(1);
    }

    @Test
    void after_an_earlier_process_twice_the_slots_are_never_exceeded_and_soon_the_slots() {
        decidedIn = TERM - 1;
        picker = picker();
        queue(100, Duration.ofSeconds(30));
        picker.connection("sidecar", true);
        List<Asked> asked = new ArrayList<>();
        for (int i = 0; i < 20; i++) {
            asked.add(ask("r" + i));
        }
        int[] lost = {3, 3}; // what the earlier one had granted, which nobody can know
        Runnable report = () -> gauge(lost[0] + granted(asked, "0"), lost[1] + granted(asked, "1"));
        quarters(20, () -> {});
        assertThat(picker.grants()).as("two slots each: at most four in flight").isEqualTo(2);
        quarters(12, report);
        assertThat(picker.grants()).isEqualTo(2);
        assertThat(picker.inFlight("a")).isEqualTo(4);
        lost[0] = 1;
        quarters(8, report);
        // of what began within a second nobody can say whose it is
        assertThat(lost[0] + granted(asked, "0")).as("two have ended").isBetween(3L, 4L);
        assertThat(lost[1] + granted(asked, "1")).isEqualTo(4);
        lost[0] = 0;
        lost[1] = 0;
        quarters(8, report);
        assertThat(picker.grants()).isEqualTo(6);
    }

    private static long granted(List<Asked> asked, String place) {
        return asked.stream()
                .filter(each -> !each.waits() && each.pick().equals(place))
                .count();
    }

    @Test
    void a_pool_that_is_handed_over_lets_go_who_waits_and_sees_what_its_split_sends() {
        settled();
        queue(10, Duration.ofSeconds(30));
        for (int i = 0; i < 6; i++) {
            ask("r" + i);
        }
        Asked held = ask("held");
        assertThat(held.waits()).isTrue();
        gauge(9, 5);
        handedOver = Set.of("m");
        publish();
        assertThat(held.answers).containsExactly(Pass.UNCHANGED);
        assertThat(picker.waiting("m")).isZero();
        assertThat(List.of(picker.inFlight("a"), picker.inFlight("b"))).containsExactly(9, 5);

        // one of the few that still ask: at once, by what both send
        assertThat(new Asked("probe", "m", false, 0).pick()).isEqualTo("1");
        for (int i = 0; i < 6; i++) {
            attempt("r" + i, 1, i % 2 == 0 ? "a" : "b", 200);
        }
        attempt("probe", 1, "b", 200);
        handedOver = Set.of();
        second(0, 0);
        second(0, 0);
        assertThat(picker.grants()).isZero();
        assertThat(List.of(picker.inFlight("a"), picker.inFlight("b"))).containsExactly(0, 0);
    }

    @Test
    void what_others_send_counts_and_goes_again() {
        picker.connection("sidecar", true);
        ask("r0");
        second(3, 0);
        second(3, 0);
        assertThat(picker.inFlight("a")).as("one of ours and two of others").isEqualTo(3);
        assertThat(ask("r1").pick()).isEqualTo("1");
        second(1, 1);
        second(1, 1);
        assertThat(picker.inFlight("a")).isEqualTo(1);
    }

    @Test
    void a_stalled_provider_gets_probes_only_and_an_absent_one_nothing() {
        status.put("a", Status.STALLED);
        publish();
        int toA = 0;
        for (int i = 0; i < 200; i++) {
            now += SECOND / 10;
            Asked asked = ask("r" + i);
            toA += asked.pick().equals("0") ? 1 : 0;
            attempt("r" + i, 1, asked.pick().equals("0") ? "a" : "b", 200);
        }
        assertThat(toA).as("20 s, one per 10 s, which is 1 % of its capacity").isBetween(1, 2);
        status.put("a", Status.ABSENT);
        status.put("b", Status.ABSENT);
        publish();
        assertThat(ask("x").refusal().body()).contains("no_provider");
    }

    @Test
    void who_drains_is_picked_neither_first_nor_second_nor_for_what_it_made() {
        ask("before").pick();
        status.put("a", Status.DRAINING);
        publish();
        for (int i = 0; i < 6; i++) {
            assertThat(ask("r" + i).pick())
                    .as("place 1, and no other for a retry")
                    .isEqualTo("1");
        }
        assertThat(new Asked("f", "m", waits, 0, "a").pick()).isEqualTo("1");

        status.put("b", Status.DRAINING);
        publish();
        assertThat(ask("x").refusal().body()).contains("no_provider");
    }

    @Test
    void what_was_asked_for_is_reported_once() {
        ask("1");
        ask("1");
        ask("2");
        publish();
        assertThat(inbox.size()).isEqualTo(1);
        publish();
        assertThat(inbox.size()).as("nothing new").isEqualTo(1);
    }

    @Test
    void a_pool_that_is_no_longer_governed_lets_its_requests_pass() {
        queue(10, Duration.ofSeconds(30));
        for (int i = 0; i < 6; i++) {
            ask("r" + i);
        }
        Asked held = ask("w");
        config = Configs.of("a", "b");
        publish();
        assertThat(((Pass) ask("x").answers.get(0)).headers()).isEmpty();
        assertThat(held.answers).as("nobody waits in a pool without a queue").hasSize(1);
    }

    @Test
    void who_refuses_the_pool_gets_a_probe_each_two_seconds_and_everything_once_it_does_not() {
        refusals = List.of(new MemberInput("a", 0, 0, 0, 0, false, 401, 0, 0, 0, 0));
        publish();
        int toA = 0;
        for (int i = 0; i < 200; i++) { // 20 s, 10 requests a second
            now += SECOND / 10;
            Asked asked = ask("r" + i);
            // places: a = 0, b = 1
            boolean probe = asked.pick().equals("0");
            toA += probe ? 1 : 0;
            attempt("r" + i, 1, probe ? "a" : "b", 200);
            attempt("r" + i, 2, probe ? "b" : "a", 200);
        }
        assertThat(toA).isBetween(9, 10);

        refusals = List.of(new MemberInput("a", 0, 0, 0, 0, false));
        publish();
        assertThat(ask("back").pick()).isEqualTo("0");
    }

    @Test
    void a_pool_that_everybody_refuses_asks_them_all() {
        refusals = List.of(
                new MemberInput("a", 0, 0, 0, 0, false, 401, 0, 0, 0, 0),
                new MemberInput("b", 0, 0, 0, 0, false, 401, 0, 0, 0, 0));
        publish();
        assertThat(ask("1").pick()).isEqualTo("0");
        assertThat(ask("2").pick()).isEqualTo("1");
    }

    @Test
    void the_retry_of_a_401_keeps_its_place_at_the_second_choice() {
        ask("1");
        attempt("1", 1, "a", 401);
        assertThat(picker.inFlight("a")).isZero();
        assertThat(picker.inFlight("b")).isEqualTo(1);
        attempt("1", 2, "b", 200);
        assertThat(picker.grants()).isZero();
    }
}
