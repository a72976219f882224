package dev.weir.control.cli;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.joran.JoranConfigurator;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.spi.LoggingEvent;
import ch.qos.logback.core.ConsoleAppender;
import ch.qos.logback.core.joran.spi.JoranException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** The log as it is configured: what strangers say in it stays in its line. */
final class LogLinesTest {
    private static final String HOSTILE = "a\r\n12:00:00.000 ERROR ControlPlane - forged\u001b[2J\u0085\u2028\u202eb\0";

    private static String written(String message, @Nullable Throwable thrown) throws JoranException {
        LoggerContext context = new LoggerContext();
        JoranConfigurator configurator = new JoranConfigurator();
        configurator.setContext(context);
        configurator.doConfigure(Objects.requireNonNull(LogLinesTest.class.getResource("/logback.xml")));
        Logger root = context.getLogger(Logger.ROOT_LOGGER_NAME);
        ConsoleAppender<ILoggingEvent> appender = (ConsoleAppender<ILoggingEvent>) root.getAppender("stderr");
        LoggingEvent event = new LoggingEvent("", root, Level.WARN, message, thrown, new Object[] {HOSTILE});
        return new String(appender.getEncoder().encode(event), StandardCharsets.UTF_8);
    }

    @Test
    void a_message_is_one_line_without_control_characters() throws JoranException {
        String written = written("sidecar: {}", null);
        assertThat(written).endsWith("\n");
        String line = written.substring(0, written.length() - 1);
        assertThat(line).contains("sidecar: a??12:00").contains("forged?[2J???b?");
        assertThat(line.chars().noneMatch(Character::isISOControl)).isTrue();
    }

    @Test
    void lines_of_a_trace_are_set_in_so_that_none_looks_like_one_of_ours() throws JoranException {
        String written = written("sidecar: {}", new IllegalStateException(HOSTILE, new RuntimeException(HOSTILE)));
        List<String> lines = written.lines().toList();
        assertThat(lines).hasSizeGreaterThan(4);
        assertThat(lines.stream().filter(line -> line.contains("forged"))).hasSizeGreaterThanOrEqualTo(3);
        assertThat(lines.subList(1, lines.size())).allMatch(line -> line.startsWith("  | "));
        assertThat(written.chars().filter(c -> c != '\n' && c != '\t').noneMatch(Character::isISOControl))
                .isTrue();
        assertThat(written).containsOnlyOnce("LogLinesTest.lines_of_a_trace").doesNotContain("\u202e");
    }
}
