package dev.weir.control.pick;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.weir.control.admission.AdmissionListener.Outcome;
import dev.weir.control.admission.AdmissionStage;
import dev.weir.control.admission.Passage;
import dev.weir.control.admission.Reservation;
import dev.weir.control.loop.Inbox;
import dev.weir.control.model.Admission;
import dev.weir.control.model.Admission.OnUnavailable;
import dev.weir.control.model.Config;
import dev.weir.control.model.Decision;
import dev.weir.control.model.Declarations;
import dev.weir.control.model.Epoch;
import dev.weir.control.model.Image;
import dev.weir.control.model.Pool;
import dev.weir.control.testing.Configs;
import dev.weir.control.testing.PoolMaker;
import dev.weir.weights.Observation;
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
import dev.weir.xds.check.Refusals;
import dev.weir.xds.telemetry.AccessRecord;
import dev.weir.xds.telemetry.AccessRecord.Kind;
import dev.weir.xds.telemetry.LoadReport;
import dev.weir.xds.telemetry.LoadReport.ClusterLoad;
import dev.weir.xds.testing.RecordMaker;
import dev.weir.xds.wire.ErrorCode;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Two counting stages before the pick of pool m, whose provider a has two slots: what they took ends once, on every way out. */
final class AdmissionTest {
    private static final long SECOND = 1_000_000_000L;
    private static final Duration WAIT = Duration.ofSeconds(5);

    private final List<String> outcomes = new ArrayList<>();
    /** What happened to reservations: {@code outer complete r1}. */
    private final List<String> ends = new ArrayList<>();

    private final Counting outer = new Counting("outer");
    private final Counting inner = new Counting("inner");
    private boolean governed = true;
    private long now = 1;
    private long tick;
    private final Picker picker = new Picker(
            new Inbox(10_000),
            () -> now,
            new PickListener() {
                @Override
                public void checked(String pool, Outcome outcome) {
                    outcomes.add(outcome.name());
                }

                @Override
                public void held(String pool, long nanos) {}

                @Override
                public void dropped(int grants) {}
            },
            List.of(outer, inner),
            new PickState(1, 1 << 20, now, new CheckQueue.OldestFirst()));

    /** Takes one of each request, unless it refuses, holds or fails. */
    private final class Counting implements AdmissionStage {
        private final String name;
        private final List<String> asked = new ArrayList<>();
        private final List<Passage> held = new ArrayList<>();
        private int open;
        private boolean refuses;
        private boolean holds;
        private boolean fails;

        Counting(String name) {
            this.name = name;
        }

        @Override
        public void ask(Passage passage, long nowNanos) {
            String id = passage.check().requestId();
            asked.add(id);
            if (fails) {
                throw new IllegalStateException("injected");
            } else if (refuses) {
                passage.refuse(Refusals.of(402, ErrorCode.QUEUE_FULL, "No.", id), Outcome.FULL);
            } else if (holds) {
                held.add(passage);
                passage.hold(() -> ends.add(name + " left " + id));
            } else {
                passage.pass(take(id));
            }
        }

        private Reservation take(String id) {
            open++;
            return new Reservation() {
                @Override
                public void complete(AccessRecord record) {
                    end("complete " + record.identity().requestId() + " "
                            + record.identity().kind());
                }

                @Override
                public void cancel() {
                    end("cancel " + id);
                }

                @Override
                public void expire() {
                    end("expire " + id);
                }
            };
        }

        private void end(String how) {
            open--;
            ends.add(name + " " + how);
        }
    }

    private final class Asked {
        private final List<CheckAnswer> answers = new ArrayList<>();
        private final AnswerListener fate;

        Asked(String id) {
            fate = picker.check(
                    new CheckedRequest(id, "m", true, 0, "", "connection", CheckedRequest.MAX_PATIENCE_NANOS),
                    answers::add);
        }

        boolean passed() {
            return answers.size() == 1 && answers.get(0) instanceof Pass;
        }

        boolean refused() {
            return answers.size() == 1 && answers.get(0) instanceof Refuse;
        }
    }

    @BeforeEach
    void publish() {
        Config plain = Configs.of("a");
        Admission admission =
                governed ? Admission.governed(OnUnavailable.OPEN, new Admission.Queue.Pool(2, WAIT)) : Admission.MESH;
        Map<String, Pool> pools = new HashMap<>();
        plain.pools()
                .forEach((name, pool) -> pools.put(
                        name, PoolMaker.like(pool).admission(admission).make()));
        Proposal proposal = new Proposal(
                List.of(new PoolProposal("m", List.of(new Member("a", 1_000_000, 1)), 1, 0, 0, 0, 250, 3, 0)),
                List.of(new ProviderState("a", Status.ACTIVE, 10, 10, 2, 0, 0, 0, "")),
                new Release(false, Set.of(), 0));
        Observation observation =
                new Observation(now, false, List.of(new PoolInput("m", List.of(), 100, 1)), List.of());
        picker.publish(
                new Image(
                        ++tick,
                        tick,
                        new Config(plain.mesh(), plain.providers(), pools),
                        new Declarations("file", Map.of(), Optional.empty(), 1, Optional.empty()),
                        Map.of("a", List.of("127.0.0.1")),
                        Optional.of(new Decision(new Epoch(1, 1), 1, observation, proposal)),
                        proposal,
                        Map.of(),
                        Set.of()),
                false);
    }

    private void record(Kind kind, String id) {
        picker.records(List.of(RecordMaker.record(kind, id, 1)
                .pool("m")
                .provider("a")
                .ended(200, "", "")
                .make()));
    }

    /** Seconds in which the sidecar says that so much is in flight. */
    private void seconds(int count, long inFlight) {
        for (int i = 0; i < 4 * count; i++) {
            now += SECOND / 4;
            picker.load(new LoadReport("sidecar", now, List.of(new ClusterLoad("m|a", inFlight, 0, 0, 0, SECOND / 4))));
            publish();
        }
    }

    /** Two that go on, one more for the way, and who comes then waits. */
    private void full() {
        for (int i = 0; i < 3; i++) {
            assertThat(new Asked("full" + i).passed()).isTrue();
        }
    }

    private void open(int count) {
        assertThat(List.of(outer.open, inner.open)).containsExactly(count, count);
    }

    @Test
    void stages_are_asked_in_order_and_a_call_ends_what_all_of_them_took_the_last_first() {
        assertThat(new Asked("r1").passed()).isTrue();
        assertThat(outer.asked).isEqualTo(inner.asked).containsExactly("r1");
        open(1);
        record(Kind.ATTEMPT, "r1");
        assertThat(picker.grants()).as("its slot is free").isZero();
        assertThat(ends).as("who reckons by calls waits for the call's record").isEmpty();
        record(Kind.CALL, "r1");
        record(Kind.CALL, "r1");
        assertThat(ends).containsExactly("inner complete r1 CALL", "outer complete r1 CALL");
        open(0);
    }

    @Test
    void who_asks_again_for_what_is_on_its_way_is_charged_once() {
        Asked first = new Asked("r1");
        Asked again = new Asked("r1");
        assertThat(again.answers).isEqualTo(first.answers);
        open(1);
        record(Kind.ATTEMPT, "r1");
        assertThat(new Asked("r1").passed())
                .as("after its end it is another request")
                .isTrue();
        assertThat(ends).containsExactly("inner expire r1", "outer expire r1");
        open(1);
    }

    @Test
    void what_a_later_stage_refuses_goes_back_and_no_stage_after_it_is_asked() {
        inner.refuses = true;
        assertThat(new Asked("r1").refused()).isTrue();
        assertThat(ends).containsExactly("outer cancel r1");
        assertThat(picker.grants()).isZero();
        open(0);

        inner.refuses = false;
        full();
        new Asked("w1");
        new Asked("w2");
        ends.clear();
        assertThat(new Asked("x").refused()).as("the pool's queue is full").isTrue();
        assertThat(ends).containsExactly("inner cancel x", "outer cancel x");
    }

    @Test
    void who_leaves_the_queue_or_is_sent_away_from_it_gets_all_back() {
        full();
        Asked leaves = new Asked("leaves");
        Asked waits = new Asked("waits");
        open(5);
        leaves.fate.left();
        leaves.fate.left();
        assertThat(ends).containsExactly("inner cancel leaves", "outer cancel leaves");
        now += 6 * SECOND;
        picker.expire();
        assertThat(waits.refused()).isTrue();
        waits.fate.left();
        assertThat(ends).hasSize(4).endsWith("inner cancel waits", "outer cancel waits");
        open(3);
    }

    @Test
    void an_agent_that_leaves_after_the_pick_gets_all_back_and_its_slot_goes_to_who_waits() {
        full();
        Asked waits = new Asked("waits");
        Asked granted = new Asked("full0"); // asked again
        granted.fate.left();
        assertThat(ends).containsExactly("inner cancel full0", "outer cancel full0");
        assertThat(waits.passed()).isTrue();
        record(Kind.CALL, "full0");
        open(3);
    }

    @Test
    void a_call_that_no_sidecar_has_expires_and_so_does_one_whose_stream_is_lost() {
        now += 10 * SECOND;
        picker.connection("sidecar", true);
        new Asked("r1").fate.arrived();
        seconds(3, 1);
        open(1);
        seconds(4, 0); // its record never comes
        assertThat(ends).containsExactly("inner expire r1", "outer expire r1");

        new Asked("r2").fate.arrived();
        seconds(3, 1);
        picker.connection("sidecar", false);
        for (int i = 0; i < 80; i++) {
            now += SECOND / 4;
            picker.load(new LoadReport("other", now, List.of()));
            publish();
        }
        assertThat(ends).hasSize(4).endsWith("inner expire r2", "outer expire r2");
        record(Kind.CALL, "r2");
        assertThat(ends).hasSize(4);
        open(0);
    }

    @Test
    void a_call_whose_last_attempt_was_heard_of_and_no_more_expires() {
        new Asked("r1");
        record(Kind.ATTEMPT, "r1");
        now += 59 * SECOND;
        publish();
        open(1);
        now += SECOND;
        publish();
        assertThat(ends).containsExactly("inner expire r1", "outer expire r1");
    }

    @Test
    void a_request_that_goes_on_without_a_pick_ends_like_any_other() {
        governed = false;
        publish();
        assertThat(new Asked("r1").answers).containsExactly(Pass.UNCHANGED);
        open(1);
        record(Kind.CALL, "r1");
        assertThat(ends).containsExactly("inner complete r1 CALL", "outer complete r1 CALL");
        new Asked("r2").fate.left();
        assertThat(ends).endsWith("inner cancel r2", "outer cancel r2");
        new Asked("lost");
        now += 24 * 3_600 * SECOND;
        publish();
        assertThat(ends).endsWith("inner expire lost", "outer expire lost");
        open(0);
    }

    @Test
    void what_an_earlier_stage_holds_asks_the_later_ones_when_it_is_let_go() {
        inner.holds = true;
        Asked goes = new Asked("goes");
        Asked leaves = new Asked("leaves");
        assertThat(outer.open).isEqualTo(2);
        leaves.fate.left();
        assertThat(ends).containsExactly("inner left leaves", "outer cancel leaves");
        inner.held.get(0).pass(inner.take("goes"));
        publish();
        assertThat(goes.passed()).isTrue();
        assertThat(picker.grants()).isEqualTo(1);
        open(1);
    }

    @Test
    void a_stage_that_fails_costs_one_request_and_no_reservation() {
        inner.fails = true;
        assertThatThrownBy(() -> new Asked("r1")).hasMessage("injected");
        assertThat(ends).containsExactly("outer cancel r1");
        inner.fails = false;
        assertThat(new Asked("r1").passed()).isTrue();
        open(1);
    }
}
