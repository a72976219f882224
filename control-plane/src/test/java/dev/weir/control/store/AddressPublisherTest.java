package dev.weir.control.store;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import dev.weir.control.model.Declarations;
import dev.weir.control.model.Image;
import dev.weir.control.testing.Configs;
import dev.weir.weights.Proposal;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Semaphore;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

final class AddressPublisherTest {
    private final Logger logger = (Logger) LoggerFactory.getLogger(AddressPublisher.class);
    private final ListAppender<ILoggingEvent> lines = new ListAppender<>();
    private final FakeStore store = new FakeStore();

    @BeforeEach
    void listen() {
        logger.setAdditive(false);
        lines.start();
        logger.addAppender(lines);
    }

    @AfterEach
    void leave() {
        logger.detachAppender(lines);
        logger.setAdditive(true);
    }

    private static Image image(int at) {
        Proposal none = new Proposal(List.of(), List.of(), new Proposal.Release(false, Set.of(), 0));
        Declarations declarations = new Declarations("file", Map.of(), Optional.empty(), 0, Optional.empty());
        return new Image(
                at,
                0,
                Configs.of("p"),
                declarations,
                Map.of("p", List.of("127.0.0." + at)),
                Optional.empty(),
                none,
                Map.of(),
                Set.of());
    }

    @Test
    void a_database_that_takes_nothing_makes_one_line_however_often_it_is_tried_and_one_when_it_does_again() {
        try (AddressPublisher publisher = new AddressPublisher(store)) {
            store.problem = "disk full";
            for (int i = 1; i <= 20; i++) {
                publisher.publish(image(i), false);
                store.asked.acquireUninterruptibly();
            }
            store.problem = "disk failed";
            publisher.publish(image(21), false);
            store.asked.acquireUninterruptibly();
            store.problem = "";
            publisher.publish(image(22), false);
            store.asked.acquireUninterruptibly();
        }
        assertThat(store.saved).containsExactly(Map.of("p.example", List.of("127.0.0.22")));
        assertThat(lines.list.stream().map(ILoggingEvent::getFormattedMessage))
                .containsExactly(
                        "addresses are not stored yet: java.lang.IllegalStateException: disk full; trying again",
                        "addresses are not stored yet: java.lang.IllegalStateException: disk failed; trying again",
                        "addresses are stored again");
    }

    private static final class FakeStore implements AddressStore {
        private final List<Map<String, List<String>>> saved = new ArrayList<>();
        private final Semaphore asked = new Semaphore(0);
        private volatile String problem = "";

        @Override
        public Map<String, List<String>> addresses() {
            return Map.of();
        }

        @Override
        public void save(Map<String, List<String>> addresses) {
            try {
                if (!problem.isEmpty()) {
                    throw new IllegalStateException(problem);
                }
                saved.add(addresses);
            } finally {
                asked.release();
            }
        }
    }
}
