package dev.weir.control.scenario;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A scenario file's objects as they are written; {@link ScenarioFile} says what they mean and what is accepted. */
final class ScenarioNodes {
    private ScenarioNodes() {}

    @JsonInclude(JsonInclude.Include.NON_NULL)
    record Root(
            @Nullable String name,
            @Nullable Double seconds,
            @Nullable Double warmUp,
            @Nullable Double tick,
            @Nullable Integer sidecars,
            @Nullable Sizes sizes,
            @Nullable Double perTryTimeout,
            @Nullable Integer retries,
            @JsonProperty(required = true) List<ProviderNode> providers,
            @JsonProperty(required = true) List<PoolNode> pools,
            @Nullable List<EventNode> events) {}

    @JsonInclude(JsonInclude.Include.NON_NULL)
    record Sizes(
            @JsonProperty(required = true) String law,
            @Nullable Double cv2) {}

    @JsonInclude(JsonInclude.Include.NON_NULL)
    record ProviderNode(
            @JsonProperty(required = true) String name,
            @JsonProperty(required = true) int slots,
            @JsonProperty(required = true) double serviceSeconds,
            @Nullable Double declared,
            @Nullable Sizes sizes) {}

    @JsonInclude(JsonInclude.Include.NON_NULL)
    record PoolNode(
            @JsonProperty(required = true) String name,
            @JsonProperty(required = true) List<String> providers,
            @JsonProperty(required = true) double rate,
            @Nullable BurstNode burst) {}

    @JsonInclude(JsonInclude.Include.NON_NULL)
    record BurstNode(
            @JsonProperty(required = true) int sources,
            @JsonProperty(required = true) double onSeconds,
            @JsonProperty(required = true) double duty,
            @Nullable Double idleShare) {}

    @JsonInclude(JsonInclude.Include.NON_NULL)
    record EventNode(
            @JsonProperty(required = true) double at,
            @Nullable String provider,
            @Nullable String pool,
            @Nullable Double speed,
            @Nullable Double rate,
            @Nullable Boolean refuses,
            @Nullable Boolean loses) {}
}
