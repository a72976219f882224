package dev.weir.control.testbed.load;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/**
 * What a caller reads out of the body of a 2xx.
 *
 * @param answeredBy the provider's own name for itself, "" = not said
 * @param serviceNanos time in service as the provider measured it
 * @param tokens {@code usage.total_tokens}, 0 = none seen
 * @param problem why it is not a whole answer; empty when it is
 */
record CallReply(String answeredBy, long serviceNanos, long tokens, Optional<String> problem) {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String DATA = "data: ";
    private static final String DONE = "[DONE]";

    static CallReply parse(String body, boolean streamed) {
        try {
            return streamed ? stream(body) : whole(JSON.readTree(body));
        } catch (JsonProcessingException e) {
            return broken("body: " + e.getOriginalMessage());
        }
    }

    /** Only the chunks that hold something of interest are read as JSON. */
    private static CallReply stream(String body) throws JsonProcessingException {
        String last = "";
        String by = "";
        long serviceNanos = 0;
        long tokens = 0;
        for (String line : (Iterable<String>) body.lines()::iterator) {
            if (!line.startsWith(DATA)) {
                continue;
            }
            last = line.substring(DATA.length());
            if (last.contains("\"demo\":{") || last.contains("\"usage\":{")) {
                JsonNode chunk = JSON.readTree(last);
                JsonNode demo = chunk.path("demo");
                by = demo.isMissingNode() ? by : demo.path("provider").asText();
                serviceNanos = demo.isMissingNode() ? serviceNanos : serviceNanos(demo);
                tokens = Math.max(
                        tokens, chunk.path("usage").path("total_tokens").asLong());
            }
        }
        if (!last.equals(DONE)) {
            return broken("body: the stream was cut");
        }
        return new CallReply(by, serviceNanos, tokens, Optional.empty());
    }

    private static CallReply whole(JsonNode root) {
        if (!root.path("choices").isArray()) {
            return broken("body: no choices");
        }
        JsonNode demo = root.path("demo");
        return new CallReply(
                demo.path("provider").asText(),
                serviceNanos(demo),
                root.path("usage").path("total_tokens").asLong(),
                Optional.empty());
    }

    private static long serviceNanos(JsonNode demo) {
        return TimeUnit.MICROSECONDS.toNanos(demo.path("service_micros").asLong());
    }

    private static CallReply broken(String problem) {
        return new CallReply("", 0, 0, Optional.of(problem));
    }
}
