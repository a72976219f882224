package dev.weir.control.store;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.weir.control.model.Decision;
import dev.weir.control.model.Declarations;
import dev.weir.control.model.Epoch;
import dev.weir.control.model.Failpoints;
import dev.weir.control.model.Image;
import dev.weir.control.testing.Configs;
import dev.weir.weights.Observation;
import dev.weir.weights.Proposal;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

final class DecisionPublisherTest {
    private final FakeStore store = new FakeStore();

    private static Image image(long sequence) {
        Proposal proposal = new Proposal(List.of(), List.of(), new Proposal.Release(true, Set.of(), 0));
        Decision decision =
                new Decision(new Epoch(1, sequence), 0, new Observation(0, false, List.of(), List.of()), proposal);
        Declarations none = new Declarations("file", Map.of(), Optional.empty(), 0, Optional.empty());
        return new Image(
                sequence, 0, Configs.of("p"), none, Map.of(), Optional.of(decision), proposal, Map.of(), Set.of());
    }

    @Test
    void stores_what_was_released_in_order_and_nothing_else() {
        try (DecisionPublisher publisher = new DecisionPublisher(store, Optional.empty(), Failpoints.NONE)) {
            publisher.publish(image(1), true);
            publisher.publish(image(1), false);
            publisher.publish(image(2), true);
        }
        assertThat(store.saved()).containsExactly(1L, 2L);
    }

    @Test
    void one_whose_release_nobody_was_told_of_is_stored_all_the_same_and_what_is_stored_is_not_stored_again() {
        try (DecisionPublisher publisher =
                new DecisionPublisher(store, Optional.of(new Epoch(1, 1)), Failpoints.NONE)) {
            publisher.publish(image(1), false);
            publisher.publish(image(2), false);
            publisher.publish(image(2), true);
        }
        assertThat(store.saved()).containsExactly(2L);
    }

    @Test
    void what_the_database_refuses_is_tried_again() {
        store.failures = 2;
        try (DecisionPublisher publisher = new DecisionPublisher(store, Optional.empty(), Failpoints.NONE)) {
            publisher.publish(image(1), true);
            org.awaitility.Awaitility.await().until(() -> !store.saved().isEmpty());
        }
        assertThat(store.saved()).containsExactly(1L);
    }

    @Test
    void a_database_that_stays_away_keeps_memory_bounded_and_close_ends() {
        store.failures = Integer.MAX_VALUE;
        DecisionPublisher publisher = new DecisionPublisher(store, Optional.empty(), Failpoints.NONE);
        for (int i = 1; i <= DecisionPublisher.WAITING_LIMIT + 10; i++) {
            publisher.publish(image(i), true);
        }
        publisher.close();
        assertThat(publisher.lost()).isEqualTo(10);
        assertThat(store.saved()).isEmpty();
    }

    @Test
    void one_that_can_never_be_stored_does_not_stand_before_the_others() {
        store.unstorable = 2;
        try (DecisionPublisher publisher = new DecisionPublisher(store, Optional.empty(), Failpoints.NONE)) {
            for (int i = 1; i <= 4; i++) {
                publisher.publish(image(i), true);
            }
            org.awaitility.Awaitility.await().until(() -> store.saved().size() == 3 && publisher.lost() == 1);
        }
        assertThat(store.saved()).contains(1L, 3L, 4L);
    }

    private static final class FakeStore implements DecisionStore {
        @GuardedBy("this")
        private final List<Long> saved = new ArrayList<>();

        private int failures;
        private long unstorable;

        synchronized List<Long> saved() {
            return List.copyOf(saved);
        }

        @Override
        public long newTerm() {
            return 1;
        }

        @Override
        public long unstoredTerm(long wallMillis) {
            return 1;
        }

        @Override
        public synchronized void save(Decision decision) {
            if (failures > 0) {
                failures--;
                throw new IllegalStateException("database is locked");
            }
            if (decision.epoch().sequence() == unstorable) {
                throw new IllegalStateException("too large");
            }
            saved.add(decision.epoch().sequence());
        }

        @Override
        public Optional<Decision> last() {
            return Optional.empty();
        }

        @Override
        public Optional<Decision> find(Epoch epoch) {
            return Optional.empty();
        }

        @Override
        public Optional<Decision> before(Epoch epoch) {
            return Optional.empty();
        }

        @Override
        public Optional<Decision> after(Epoch epoch) {
            return Optional.empty();
        }
    }
}
