package dev.weir.control.testbed.provider;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.util.Optional;

/**
 * What a provider needs to know of a chat-completions request.
 *
 * @param job size of the job in work units, {@code metadata.job}; empty = not said
 * @param promptTokens about four bytes of the messages each
 * @param completionLimit {@code max_completion_tokens} or {@code max_tokens}
 * @param tool function that is to be called instead of answering in words
 */
record ChatRequest(
        String model,
        boolean stream,
        boolean includeUsage,
        Optional<Double> job,
        long promptTokens,
        long completionLimit,
        Optional<ToolCall> tool) {
    /** Longest job taken, so that no caller can hold a slot for ever. */
    static final double MAX_JOB = 1000;

    static final long MAX_COMPLETION_TOKENS = 4096;

    private static final ObjectMapper JSON = new ObjectMapper();

    /** Thrown with a message for the caller: path, value, expectation. */
    static final class Refused extends Exception {
        private static final long serialVersionUID = 1;

        Refused(String message) {
            super(message);
        }
    }

    static ChatRequest parse(byte[] body) throws Refused {
        JsonNode root;
        try {
            root = JSON.readTree(body);
        } catch (JsonProcessingException e) {
            throw new Refused("body: " + e.getOriginalMessage() + " (expected: JSON)");
        } catch (java.io.IOException e) {
            throw new Refused("body: " + e.getMessage() + " (expected: JSON in UTF-8)");
        }
        if (root == null || !root.isObject()) {
            throw new Refused("body: not an object (expected: a JSON object with model and messages)");
        }
        JsonNode messages = root.path("messages");
        if (!messages.isArray() || messages.isEmpty()) {
            throw new Refused("messages: " + brief(messages) + " (expected: an array with at least one message)");
        }
        JsonNode model = root.path("model");
        if (!model.isTextual()) {
            throw new Refused("model: " + brief(model) + " (expected: a string)");
        }
        return new ChatRequest(
                model.textValue(),
                flag("stream", root.path("stream")),
                flag("stream_options.include_usage", root.path("stream_options").path("include_usage")),
                job(root.path("metadata").path("job")),
                Math.max(1, messages.toString().length() / 4),
                completionLimit(root),
                ToolCall.wanted(root));
    }

    private static boolean flag(String path, JsonNode node) throws Refused {
        if (node.isMissingNode() || node.isNull()) {
            return false;
        }
        if (!node.isBoolean()) {
            throw new Refused(path + ": " + brief(node) + " (expected: true or false)");
        }
        return node.booleanValue();
    }

    private static Optional<Double> job(JsonNode node) throws Refused {
        if (node.isMissingNode()) {
            return Optional.empty();
        }
        double job = node.isTextual() || node.isNumber() ? node.asDouble(Double.NaN) : Double.NaN;
        if (!(job >= 0 && job <= MAX_JOB)) {
            throw new Refused("metadata.job: " + brief(node) + " (expected: a number from 0 to " + MAX_JOB + ")");
        }
        return Optional.of(job);
    }

    private static long completionLimit(JsonNode root) throws Refused {
        JsonNode node =
                root.hasNonNull("max_completion_tokens") ? root.path("max_completion_tokens") : root.path("max_tokens");
        if (node.isMissingNode() || node.isNull()) {
            return MAX_COMPLETION_TOKENS;
        }
        if (!node.canConvertToLong() || node.longValue() < 1) {
            throw new Refused("max_tokens: " + brief(node) + " (expected: a whole number of at least 1)");
        }
        return Math.min(node.longValue(), MAX_COMPLETION_TOKENS);
    }

    private static String brief(JsonNode node) {
        String text = node.isMissingNode() ? "missing" : node.toString();
        return text.length() <= 60 ? text : text.substring(0, 60) + "...";
    }
}
