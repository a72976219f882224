package dev.weir.xds;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

final class SparseLogTest {
    private final Logger logger = (Logger) LoggerFactory.getLogger("dev.weir.test.sparse");
    private final ListAppender<ILoggingEvent> lines = new ListAppender<>();
    private final AtomicLong now = new AtomicLong();
    private final SparseLog log = new SparseLog(logger, now::get);

    @BeforeEach
    void listen() {
        logger.setAdditive(false);
        lines.start();
        logger.addAppender(lines);
    }

    @AfterEach
    void leave() {
        logger.detachAppender(lines);
    }

    @Test
    void a_flood_is_one_line_each_ten_seconds_with_the_number_left_out() {
        for (int i = 0; i < 1_000; i++) {
            log.warn("record", "sidecar {}: {}", "s", i);
        }
        log.warn("load", "another kind");
        now.set(TimeUnit.SECONDS.toNanos(10));
        log.warn("record", "sidecar {}: {}", "s", 1_000);
        assertThat(lines.list.stream().map(ILoggingEvent::getFormattedMessage))
                .containsExactly(
                        "sidecar s: 0",
                        "another kind",
                        "sidecar s: 1000",
                        "record: 999 more like this since the one before");
    }

    @Test
    void kinds_without_end_do_not_grow_it() {
        for (int i = 0; i < 100_000; i++) {
            log.warn("kind " + i, "x");
        }
        assertThat(lines.list).hasSizeLessThan(100);
    }
}
