package dev.weir.control.testbed.provider;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Optional;

/**
 * A function call that fits what the caller offered.
 *
 * @param name the function's name
 * @param arguments JSON text: one value of the right type for each required parameter
 */
record ToolCall(String name, String arguments) {
    /**
     * The call that a request asks for: the function that {@code tool_choice} names; otherwise the first one offered, unless
     * {@code tool_choice} is {@code none} or the last message already brings a tool's result.
     */
    static Optional<ToolCall> wanted(JsonNode request) {
        JsonNode tools = request.path("tools");
        JsonNode choice = request.path("tool_choice");
        JsonNode messages = request.path("messages");
        boolean answered =
                messages.path(messages.size() - 1).path("role").asText().equals("tool");
        boolean forced = choice.isObject() || choice.asText().equals("required");
        if (!tools.isArray() || choice.asText().equals("none") || (answered && !forced)) {
            return Optional.empty();
        }
        String named = choice.path("function").path("name").asText();
        for (JsonNode tool : tools) {
            JsonNode function = tool.path("function");
            String name = function.path("name").asText();
            if (!name.isEmpty() && (named.isEmpty() || named.equals(name))) {
                return Optional.of(new ToolCall(name, arguments(function.path("parameters"))));
            }
        }
        return Optional.empty();
    }

    private static String arguments(JsonNode schema) {
        ObjectNode arguments = JsonNodeFactory.instance.objectNode();
        for (JsonNode required : schema.path("required")) {
            JsonNode property = schema.path("properties").path(required.asText());
            arguments.set(required.asText(), value(property));
        }
        return arguments.toString();
    }

    private static JsonNode value(JsonNode property) {
        JsonNodeFactory json = JsonNodeFactory.instance;
        if (property.path("enum").isArray() && !property.path("enum").isEmpty()) {
            return property.path("enum").get(0);
        }
        return switch (property.path("type").asText()) {
            case "integer", "number" -> json.numberNode(1);
            case "boolean" -> json.booleanNode(true);
            case "array" -> json.arrayNode();
            case "object" -> json.objectNode();
            case "null" -> json.nullNode();
            default -> json.textNode("Paris");
        };
    }
}
