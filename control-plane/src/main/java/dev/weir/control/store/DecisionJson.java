package dev.weir.control.store;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonMappingException;
import com.fasterxml.jackson.databind.MapperFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.weir.control.model.Decision;
import dev.weir.control.model.Epoch;
import java.util.stream.Collectors;

/** Decisions as JSON: what is read equals what was written, to the last bit. A field too many or too few is an error. */
final class DecisionJson {
    private static final ObjectMapper MAPPER = JsonMapper.builder()
            .addModule(new FiniteNumbers())
            .disable(MapperFeature.ALLOW_COERCION_OF_SCALARS)
            .enable(DeserializationFeature.FAIL_ON_MISSING_CREATOR_PROPERTIES)
            .enable(DeserializationFeature.FAIL_ON_NULL_CREATOR_PROPERTIES)
            .enable(DeserializationFeature.FAIL_ON_NULL_FOR_PRIMITIVES)
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .build();

    private DecisionJson() {}

    static String write(Decision decision) {
        try {
            return MAPPER.writeValueAsString(decision);
        } catch (JsonProcessingException e) {
            throw unusable(decision.epoch(), "cannot be stored", e);
        }
    }

    /** Throws {@link StoreException} that names the decision and the place in it. */
    static Decision read(Epoch epoch, String body) {
        Decision decision;
        try {
            decision = MAPPER.readValue(body, Decision.class);
        } catch (JsonProcessingException e) {
            throw unusable(epoch, "stored row is unreadable", e);
        }
        if (!decision.epoch().equals(epoch)) {
            throw new StoreException(
                    "decision " + epoch + ": stored row holds " + decision.epoch() + " (expected: " + epoch + ")",
                    null);
        }
        return decision;
    }

    private static StoreException unusable(Epoch epoch, String what, JsonProcessingException e) {
        String place = e instanceof JsonMappingException mapping
                ? mapping.getPath().stream()
                        .map(r -> r.getFieldName() != null ? "." + r.getFieldName() : "[" + r.getIndex() + "]")
                        .collect(Collectors.joining())
                : "";
        String message = place.isEmpty() ? e.getOriginalMessage() : place.substring(1) + ": " + e.getOriginalMessage();
        return new StoreException("decision " + epoch + ": " + what + ": " + message, e);
    }
}
