package dev.weir.control.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.weir.control.model.Declarations;
import dev.weir.control.model.Failpoints;
import dev.weir.control.model.Image;
import dev.weir.control.testing.Configs;
import dev.weir.weights.Proposal;
import dev.weir.weights.Proposal.Announcement;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

final class PricePublisherTest {
    private static final Announcement FIRST = new Announcement("m", 2, 110, Map.of("a", 111L));
    /** The same number, for a member that came meanwhile. */
    private static final Announcement MOVED = new Announcement("m", 2, 110, Map.of("a", 111L, "b", 110L));

    private static final Announcement OTHER = new Announcement("n", 7, 3, Map.of());

    private final FakeStore store = new FakeStore();
    private final List<Announcement> told = new ArrayList<>();

    private PricePublisher publisher(Announcement... stored) {
        return new PricePublisher(store, List.of(stored), told::add, Failpoints.NONE);
    }

    private static Image image(Announcement... announced) {
        Proposal proposal =
                new Proposal(List.of(), List.of(), new Proposal.Release(false, Set.of(), 0), List.of(announced));
        Declarations none = new Declarations("file", Map.of(), Optional.empty(), 0, Optional.empty());
        return new Image(1, 0, Configs.of("p"), none, Map.of(), Optional.empty(), proposal, Map.of(), Set.of());
    }

    /** Ticks until something is told. */
    private void awaitTold(PricePublisher publisher, Announcement... announced) {
        told.clear();
        await().until(() -> {
            publisher.publish(image(announced), false);
            return told.size() >= announced.length;
        });
        assertThat(told).contains(announced);
    }

    @Test
    void what_is_stored_is_told_once_a_tick_while_it_is_announced() {
        try (PricePublisher publisher = publisher()) {
            publisher.publish(image(FIRST), false);
            awaitTold(publisher, FIRST);
            assertThat(store.saved()).containsExactly(FIRST);
            told.clear();
            publisher.publish(image(FIRST), false); // what was told may have been lost
            publisher.publish(image(), false);
            assertThat(told).containsExactly(FIRST);
            awaitTold(publisher, FIRST, OTHER);
            awaitTold(publisher, MOVED, OTHER);
            assertThat(store.saved()).containsExactly(FIRST, OTHER, MOVED);
            awaitTold(publisher, FIRST);
            assertThat(store.saved())
                    .as("as it is what the store has no more")
                    .containsExactly(FIRST, OTHER, MOVED, FIRST);
        }
    }

    @Test
    void what_an_earlier_process_stored_is_told_at_once() {
        try (PricePublisher publisher = publisher(FIRST)) {
            publisher.publish(image(FIRST), false);
            assertThat(told).containsExactly(FIRST);
            publisher.publish(image(MOVED), false);
            assertThat(told).containsExactly(FIRST);
        }
    }

    @Test
    void a_database_that_takes_nothing_is_asked_again_and_nobody_is_told() {
        store.fail(2);
        try (PricePublisher publisher = publisher()) {
            publisher.publish(image(FIRST), false);
            await().until(() -> store.failures() < 2);
            publisher.publish(image(FIRST), false);
            assertThat(told).isEmpty();
            awaitTold(publisher, FIRST);
        }
    }

    @Test
    void the_end_does_not_wait_for_a_database_that_is_away() {
        store.fail(Integer.MAX_VALUE);
        PricePublisher publisher = publisher();
        publisher.publish(image(FIRST), false);
        publisher.close();
        assertThat(told).isEmpty();
        assertThat(store.saved()).isEmpty();
    }

    private static final class FakeStore implements PriceStore {
        @GuardedBy("this")
        private final List<Announcement> saved = new ArrayList<>();

        @GuardedBy("this")
        private int failures;

        synchronized List<Announcement> saved() {
            return List.copyOf(saved);
        }

        synchronized void fail(int times) {
            failures = times;
        }

        synchronized int failures() {
            return failures;
        }

        @Override
        public List<Announcement> announced() {
            return List.of();
        }

        @Override
        public synchronized void save(Collection<Announcement> announced) {
            if (failures > 0) {
                failures--;
                throw new StoreException("database is locked", null);
            }
            saved.addAll(announced);
        }
    }
}
