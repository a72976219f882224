package dev.weir.xds.resource;

import com.google.protobuf.Any;
import io.envoyproxy.envoy.extensions.filters.http.json_to_metadata.v3.JsonToMetadata;
import java.util.List;
import java.util.Map;

/**
 * Copies one value of a JSON document to dynamic metadata, where the document has it. The same rule serves whole JSON
 * bodies and the events of a stream; of several values the last one stays.
 *
 * @param path keys from the document's root to the value
 * @param namespace of the dynamic metadata
 * @param key of the dynamic metadata
 */
public record MetadataRule(List<String> path, String namespace, String key) {
    public MetadataRule {
        path = List.copyOf(path);
        if (path.isEmpty()) {
            throw new IllegalArgumentException("path: empty (expected: at least one key)");
        }
    }

    /** For {@code json_to_metadata}. */
    public JsonToMetadata.Rule json() {
        JsonToMetadata.Rule.Builder rule = JsonToMetadata.Rule.newBuilder()
                .setOnPresent(JsonToMetadata.KeyValuePair.newBuilder()
                        .setMetadataNamespace(namespace)
                        .setKey(key));
        path.forEach(
                step -> rule.addSelectors(JsonToMetadata.Selector.newBuilder().setKey(step)));
        return rule.build();
    }

    /**
     * Configuration of the HTTP filter {@code envoy.filters.http.sse_to_metadata}: the rules applied to each event of a
     * response of type {@code text/event-stream}, as it passes.
     *
     * @param maxEventBytes an event that is longer, across the reads that it comes in, is not looked at; 1 - 10 485 760
     */
    public static Any serverSentEvents(List<MetadataRule> rules, int maxEventBytes) {
        Map<String, Object> parser = TypedStructs.nested(
                "envoy.extensions.content_parsers.json.v3.JsonContentParser",
                Map.of("rules", rules.stream().map(MetadataRule::event).toList()));
        return TypedStructs.of(
                "envoy.extensions.filters.http.sse_to_metadata.v3.SseToMetadata",
                Map.of(
                        "response_rules",
                        Map.of(
                                "content_parser",
                                Map.of("name", "envoy.content_parsers.json", "typed_config", parser),
                                "max_event_size",
                                maxEventBytes)));
    }

    private Map<String, Object> event() {
        List<Map<String, String>> selectors =
                path.stream().map(step -> Map.of("key", step)).toList();
        return Map.of(
                "rule",
                Map.of("selectors", selectors, "on_present", Map.of("metadata_namespace", namespace, "key", key)));
    }
}
