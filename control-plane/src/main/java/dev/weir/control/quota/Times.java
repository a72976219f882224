package dev.weir.control.quota;

import java.time.Duration;
import java.time.Instant;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeParseException;
import java.util.OptionalDouble;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Times as providers write them, as seconds from the answer on: {@code 6m0s}, {@code 120ms}, {@code 17}, {@code 1.5}, seconds or milliseconds
 * since 1970, RFC 3339, HTTP dates.
 */
final class Times {
    /** Longest time that is believed, a month. */
    static final double MAX_SECONDS = 31 * 86_400.0;

    /** By so much clocks may differ: what is over by less is over now. */
    private static final double CLOCKS_SECONDS = 60;

    private static final int MAX_LENGTH = 40;
    private static final Pattern NUMBER = Pattern.compile("\\d{1,13}(\\.\\d{1,9})?");
    private static final Pattern PART = Pattern.compile("\\G(\\d{1,9}(?:\\.\\d{1,9})?)(ms|us|ns|d|h|m|s)");
    /** Numbers from here on are seconds since 1970 (2001), and from there on milliseconds. */
    private static final double EPOCH_SECONDS = 1e9;

    private static final double EPOCH_MILLIS = 1e12;

    private Times() {}

    /** @param nowMillis wall clock when the answer came; empty = no time, in the past, or more than a month away */
    static OptionalDouble seconds(String text, long nowMillis) {
        if (text.length() > MAX_LENGTH) {
            return OptionalDouble.empty();
        }
        if (NUMBER.matcher(text).matches()) {
            double number = Double.parseDouble(text);
            return number >= EPOCH_MILLIS
                    ? until(number, nowMillis)
                    : number >= EPOCH_SECONDS ? until(number * 1_000, nowMillis) : believed(number);
        }
        OptionalDouble duration = duration(text);
        return duration.isPresent() ? believed(duration.getAsDouble()) : date(text, nowMillis);
    }

    /** @param text milliseconds */
    static OptionalDouble millis(String text) {
        return text.length() <= MAX_LENGTH && NUMBER.matcher(text).matches()
                ? believed(Double.parseDouble(text) / 1_000)
                : OptionalDouble.empty();
    }

    private static OptionalDouble duration(String text) {
        Matcher part = PART.matcher(text);
        double seconds = 0;
        int end = 0;
        while (part.find()) {
            seconds += Double.parseDouble(part.group(1)) * seconds(part.group(2));
            end = part.end();
        }
        return end > 0 && end == text.length() ? OptionalDouble.of(seconds) : OptionalDouble.empty();
    }

    private static double seconds(String unit) {
        return switch (unit) {
            case "d" -> 86_400;
            case "h" -> 3_600;
            case "m" -> 60;
            case "s" -> 1;
            case "ms" -> 1e-3;
            case "us" -> 1e-6;
            default -> 1e-9;
        };
    }

    private static OptionalDouble date(String text, long nowMillis) {
        try {
            DateTimeFormatter format = text.indexOf(',') >= 0
                    ? DateTimeFormatter.RFC_1123_DATE_TIME
                    : DateTimeFormatter.ISO_OFFSET_DATE_TIME;
            Duration until = Duration.between(Instant.ofEpochMilli(nowMillis), format.parse(text, Instant::from));
            return soon(until.getSeconds() + until.getNano() / 1e9);
        } catch (DateTimeParseException | ArithmeticException e) {
            return OptionalDouble.empty();
        }
    }

    private static OptionalDouble until(double millis, long nowMillis) {
        return soon((millis - nowMillis) / 1_000);
    }

    private static OptionalDouble soon(double seconds) {
        return seconds < -CLOCKS_SECONDS ? OptionalDouble.empty() : believed(Math.max(0, seconds));
    }

    private static OptionalDouble believed(double seconds) {
        return seconds >= 0 && seconds <= MAX_SECONDS ? OptionalDouble.of(seconds) : OptionalDouble.empty();
    }
}
