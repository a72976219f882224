package dev.weir.control.collect;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import com.google.errorprone.annotations.CanIgnoreReturnValue;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.LoggerFactory;

final class LogWritesIT {
    private static final Duration LONG = Duration.ofSeconds(30);

    @TempDir
    Path folder;

    @Test
    void failed_writes_are_said_once_for_each_look_that_finds_more_and_so_is_their_end() throws Exception {
        Logger logger = (Logger) LoggerFactory.getLogger(LogWrites.class);
        ListAppender<ILoggingEvent> lines = new ListAppender<>();
        lines.start();
        logger.addAppender(lines);
        try (WritingSidecar sidecar = new WritingSidecar(folder.resolve("access.log"))) {
            LogWrites writes = new LogWrites(Optional.of(new SidecarAdmin(sidecar.admin())), 0);
            long now = look(writes, 0);
            assertThat(writes.failing()).isFalse();
            sidecar.failedWrites.set(3);
            now = look(writes, now);
            assertThat(writes.failing()).isTrue();
            sidecar.failedWrites.set(2); // a sidecar that started anew
            look(writes, now);
            assertThat(writes.failing()).isFalse();
            assertThat(lines.list.stream().map(ILoggingEvent::getFormattedMessage))
                    .containsExactly(
                            "the sidecar cannot write its log: 3 more writes failed, 3 since its start (expected: room on its"
                                    + " disk)",
                            "the sidecar writes its log again");
        } finally {
            logger.detachAppender(lines);
        }
    }

    /** One look, until its answer is there. */
    @CanIgnoreReturnValue
    private static long look(LogWrites writes, long now) {
        long next = now + LogWrites.INTERVAL_NANOS;
        writes.turn(next);
        await().atMost(LONG).until(() -> {
            writes.turn(next);
            return !writes.asking();
        });
        return next;
    }
}
