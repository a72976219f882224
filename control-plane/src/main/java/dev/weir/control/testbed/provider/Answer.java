package dev.weir.control.testbed.provider;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;

/**
 * The JSON of one chat completion, whole or in chunks. Its last part with a choice carries {@code demo}: who served it,
 * how long it waited and how long it was in service, in microseconds.
 */
final class Answer {
    private static final String[] WORDS = {
        "Water", "flows", "where", "there", "is", "room", "and", "a", "weir", "keeps", "the", "level", "for", "all",
        "who", "drink", "from", "it.",
    };

    private final String id;
    private final long createdSeconds;
    private final ChatRequest request;
    private final long completionTokens;

    Answer(String id, long createdSeconds, ChatRequest request, long completionTokens) {
        this.id = id;
        this.createdSeconds = createdSeconds;
        this.request = request;
        this.completionTokens = completionTokens;
    }

    long totalTokens() {
        return request.promptTokens() + completionTokens;
    }

    /** The whole answer. */
    ObjectNode completion(ObjectNode demo) {
        ObjectNode root = root("chat.completion");
        ObjectNode choice = root.putArray("choices").addObject().put("index", 0);
        ObjectNode message = choice.putObject("message").put("role", "assistant");
        if (request.tool().isPresent()) {
            message.putNull("content");
            tool(message, request.tool().get(), false);
        } else {
            message.put("content", words(0, completionTokens));
        }
        choice.putNull("logprobs").put("finish_reason", finishReason());
        root.set("usage", usage());
        root.set("demo", demo);
        return root;
    }

    /** First chunk of a stream. */
    ObjectNode opening() {
        ObjectNode root = chunk();
        delta(root).put("role", "assistant").put("content", "");
        return root;
    }

    /** Chunk {@code number} (from 1) of {@code parts} with words, or with the tool call. */
    ObjectNode part(int number, int parts) {
        ObjectNode root = chunk();
        ObjectNode delta = delta(root);
        if (request.tool().isEmpty()) {
            delta.put("content", words(completionTokens * (number - 1) / parts, completionTokens * number / parts));
        } else if (number == 1) {
            tool(delta, request.tool().get(), true);
        } else {
            delta.put("content", "");
        }
        return root;
    }

    /** Last chunk with a choice. */
    ObjectNode closing(ObjectNode demo) {
        ObjectNode root = chunk();
        delta(root);
        ((ObjectNode) root.path("choices").path(0)).put("finish_reason", finishReason());
        root.set("demo", demo);
        return root;
    }

    /** The extra chunk of {@code stream_options.include_usage}. */
    ObjectNode usageChunk() {
        ObjectNode root = root("chat.completion.chunk");
        root.putArray("choices");
        root.set("usage", usage());
        return root;
    }

    private ObjectNode chunk() {
        ObjectNode root = root("chat.completion.chunk");
        root.putArray("choices").addObject().put("index", 0).putNull("finish_reason");
        if (request.includeUsage()) {
            root.putNull("usage");
        }
        return root;
    }

    private static ObjectNode delta(ObjectNode chunk) {
        return ((ObjectNode) chunk.path("choices").path(0)).putObject("delta");
    }

    private ObjectNode root(String object) {
        return JsonNodeFactory.instance
                .objectNode()
                .put("id", id)
                .put("object", object)
                .put("created", createdSeconds)
                .put("model", request.model());
    }

    private void tool(ObjectNode message, ToolCall call, boolean inStream) {
        ObjectNode entry = message.putArray("tool_calls").addObject();
        if (inStream) {
            entry.put("index", 0);
        }
        entry.put("id", "call_" + id.substring(id.indexOf('-') + 1)).put("type", "function");
        entry.putObject("function").put("name", call.name()).put("arguments", call.arguments());
    }

    private String finishReason() {
        if (request.tool().isPresent()) {
            return "tool_calls";
        }
        return completionTokens >= request.completionLimit() ? "length" : "stop";
    }

    private ObjectNode usage() {
        return JsonNodeFactory.instance
                .objectNode()
                .put("prompt_tokens", request.promptTokens())
                .put("completion_tokens", completionTokens)
                .put("total_tokens", totalTokens());
    }

    private static String words(long from, long to) {
        StringBuilder text = new StringBuilder();
        for (long i = from; i < to; i++) {
            text.append(i == 0 ? "" : " ").append(WORDS[(int) (i % WORDS.length)]);
        }
        return text.toString();
    }
}
