package dev.weir.control.publish;

import com.google.protobuf.Any;
import com.google.protobuf.Value;
import dev.weir.xds.resource.MetadataRule;
import io.envoyproxy.envoy.extensions.filters.http.json_to_metadata.v3.JsonToMetadata;
import io.envoyproxy.envoy.extensions.filters.http.json_to_metadata.v3.JsonToMetadata.KeyValuePair;
import io.envoyproxy.envoy.extensions.filters.http.json_to_metadata.v3.JsonToMetadata.MatchRules;
import io.envoyproxy.envoy.extensions.filters.http.json_to_metadata.v3.JsonToMetadata.Rule;
import io.envoyproxy.envoy.extensions.filters.http.json_to_metadata.v3.JsonToMetadata.Selector;
import io.envoyproxy.envoy.type.matcher.v3.RegexMatcher;
import java.util.List;

/**
 * What sidecars read out of bodies, into dynamic metadata: namespace {@code weir.req} of requests, {@code weir.usage} of
 * responses, JSON and event streams alike. Routes match on it, records carry it.
 */
final class BodyRules {
    static final String REQUEST = "weir.req";
    static final String USAGE = "weir.usage";

    /** Set, to true, on every request as soon as its body has been read, readable or not. */
    static final String READ = "read";

    static final String MODEL = "model";

    /** Why there is no model: {@link #MISSING_MODEL} or {@link #INVALID_JSON}. */
    static final String PROBLEM = "problem";

    static final String MISSING_MODEL = "missing_model";
    static final String INVALID_JSON = "invalid_json";

    /** Longest event of a stream that is looked at, bytes; such as tool calls with long arguments. */
    private static final int MAX_EVENT_BYTES = 1_048_576;

    /** Envoy's own default fits neither a charset parameter nor a missing content type. */
    private static final String JSON_TYPES = "(?i)application/([a-z0-9.+-]+\\+)?json(\\s*;.*)?";

    private static final Value TRUE = Value.newBuilder().setBoolValue(true).build();

    /** As chat completions name them, then as responses do, whole and in the last event of a stream. */
    private static final List<MetadataRule> USAGES = List.of(
            usage("prompt_tokens", "usage", "prompt_tokens"),
            usage("completion_tokens", "usage", "completion_tokens"),
            usage("total_tokens", "usage", "total_tokens"),
            usage("cached_tokens", "usage", "prompt_tokens_details", "cached_tokens"),
            usage("prompt_tokens", "usage", "input_tokens"),
            usage("completion_tokens", "usage", "output_tokens"),
            usage("cached_tokens", "usage", "input_tokens_details", "cached_tokens"),
            usage("prompt_tokens", "response", "usage", "input_tokens"),
            usage("completion_tokens", "response", "usage", "output_tokens"),
            usage("total_tokens", "response", "usage", "total_tokens"),
            usage("cached_tokens", "response", "usage", "input_tokens_details", "cached_tokens"));

    private BodyRules() {}

    static JsonToMetadata ofRequests() {
        return JsonToMetadata.newBuilder()
                .setRequestRules(rules().addRules(rule(MODEL)
                                .setOnPresent(kept(MODEL))
                                .setOnMissing(fixed(PROBLEM, text(MISSING_MODEL)))
                                .setOnError(fixed(PROBLEM, text(INVALID_JSON))))
                        .addRules(rule(MODEL)
                                .setOnPresent(fixed(READ, TRUE))
                                .setOnMissing(fixed(READ, TRUE))
                                .setOnError(fixed(READ, TRUE)))
                        .addRules(rule("stream").setOnPresent(kept("stream")))
                        .addRules(rule("stream_options", "include_usage").setOnPresent(kept("include_usage"))))
                .build();
    }

    static JsonToMetadata ofResponses() {
        MatchRules.Builder rules = rules();
        USAGES.forEach(usage -> rules.addRules(usage.json()));
        return JsonToMetadata.newBuilder().setResponseRules(rules).build();
    }

    /** The last value in a stream stays: usage may come once, or grow with every event. */
    static Any ofEvents() {
        return MetadataRule.serverSentEvents(USAGES, MAX_EVENT_BYTES);
    }

    private static MetadataRule usage(String key, String... path) {
        return new MetadataRule(List.of(path), USAGE, key);
    }

    private static Value text(String value) {
        return Value.newBuilder().setStringValue(value).build();
    }

    private static MatchRules.Builder rules() {
        return MatchRules.newBuilder()
                .setAllowContentTypesRegex(RegexMatcher.newBuilder().setRegex(JSON_TYPES))
                .setAllowEmptyContentType(true);
    }

    private static Rule.Builder rule(String... path) {
        Rule.Builder rule = Rule.newBuilder();
        for (String key : path) {
            rule.addSelectors(Selector.newBuilder().setKey(key));
        }
        return rule;
    }

    private static KeyValuePair.Builder kept(String key) {
        return KeyValuePair.newBuilder().setMetadataNamespace(REQUEST).setKey(key);
    }

    private static KeyValuePair.Builder fixed(String key, Value value) {
        return kept(key).setValue(value);
    }
}
