package dev.weir.control.store;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonMappingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.MapperFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.ObjectWriter;
import com.fasterxml.jackson.databind.annotation.JsonAppend;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.weir.control.model.Decision;
import dev.weir.control.model.Epoch;
import dev.weir.weights.Observation;
import java.util.stream.Collectors;

/**
 * Decisions as JSON: what is read equals what was written, to the last bit. Each row says the version of its form. What an
 * older form lacks gets the value that meant the same then; what a newer one has beside what is known here is passed over; a
 * field that its own form has and the row has not is damage.
 */
final class DecisionJson {
    /**
     * Version of the form that is written; none in the row = 1. A field that is added takes a new one, and a step of {@link
     * #upgrade}.
     */
    static final int VERSION = 4;

    private static final String VERSION_FIELD = "version";
    private static final ObjectMapper MAPPER = JsonMapper.builder()
            .addModule(new FiniteNumbers())
            .addMixIn(Decision.class, Versioned.class)
            .addMixIn(Observation.MemberInput.class, WeightCap.class)
            .disable(MapperFeature.ALLOW_COERCION_OF_SCALARS)
            .disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
            .enable(DeserializationFeature.FAIL_ON_MISSING_CREATOR_PROPERTIES)
            .enable(DeserializationFeature.FAIL_ON_NULL_CREATOR_PROPERTIES)
            .enable(DeserializationFeature.FAIL_ON_NULL_FOR_PRIMITIVES)
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .build();
    private static final ObjectWriter WRITER = MAPPER.writer().withAttribute(VERSION_FIELD, VERSION);

    @JsonAppend(prepend = true, attrs = @JsonAppend.Attr(VERSION_FIELD))
    private abstract static class Versioned {}

    /**
     * A row.
     *
     * @param version of its form
     */
    record Row(Decision decision, int version) {}

    private DecisionJson() {}

    static String write(Decision decision) {
        try {
            return WRITER.writeValueAsString(decision);
        } catch (JsonProcessingException e) {
            throw unusable(decision.epoch(), "cannot be stored", e);
        }
    }

    /** Throws {@link StoreException} that names the decision and the place in it. */
    static Row read(Epoch epoch, String body) {
        Row row;
        try {
            JsonNode tree = MAPPER.readTree(body);
            int version = tree.path(VERSION_FIELD).asInt(1);
            if (tree instanceof ObjectNode whole) {
                upgrade(whole, version);
            }
            row = new Row(MAPPER.treeToValue(tree, Decision.class), version);
        } catch (JsonProcessingException e) {
            throw unusable(epoch, "stored row is unreadable", e);
        }
        if (!row.decision.epoch().equals(epoch)) {
            throw new StoreException(
                    "decision " + epoch + ": stored row holds " + row.decision.epoch() + " (expected: " + epoch + ")",
                    null);
        }
        return row;
    }

    private static void upgrade(ObjectNode decision, int version) {
        if (version < 2) {
            for (JsonNode pool : decision.path("observation").path("pools")) {
                for (JsonNode member : pool.path("members")) {
                    absent(member, "refusal", 0);
                    absent(member, "answerSeconds", 0);
                    absent(member, "answerSquares", 0);
                    absent(member, "flowing", 0);
                    absent(member, "unheard", 0);
                }
            }
            for (JsonNode provider : decision.path("observation").path("providers")) {
                if (provider instanceof ObjectNode fields && !fields.has("mostCapacity")) {
                    fields.set("mostCapacity", fields.path("declaredCapacity"));
                }
            }
            for (JsonNode pool : decision.path("proposal").path("pools")) {
                for (JsonNode member : pool.path("members")) {
                    if (member instanceof ObjectNode fields && !fields.has("silent")) {
                        fields.put("silent", false);
                    }
                }
            }
        }
        if (version < 3) {
            for (JsonNode pool : decision.path("observation").path("pools")) {
                absent(pool, "storedPrice", Long.MAX_VALUE); // prices went out unstored
            }
            if (decision.path("proposal") instanceof ObjectNode proposal && !proposal.has("announced")) {
                proposal.putArray("announced");
            }
        }
        if (version < 4) {
            serving(decision);
        }
    }

    private static void serving(ObjectNode decision) {
        for (JsonNode provider : decision.path("observation").path("providers")) {
            if (provider instanceof ObjectNode fields && !fields.has("draining")) {
                fields.put("draining", false);
            }
        }
    }

    private static void absent(JsonNode object, String field, long value) {
        if (object instanceof ObjectNode fields && !fields.has(field)) {
            fields.put(field, value);
        }
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
