package dev.weir.control.store;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.databind.DeserializationContext;
import com.fasterxml.jackson.databind.JsonDeserializer;
import com.fasterxml.jackson.databind.JsonMappingException;
import com.fasterxml.jackson.databind.JsonSerializer;
import com.fasterxml.jackson.databind.SerializerProvider;
import com.fasterxml.jackson.databind.module.SimpleModule;
import java.io.IOException;

/**
 * Doubles as JSON numbers, exact in both directions; not-a-number and infinity are refused in both. (Jackson would write
 * and read them as strings.)
 */
final class FiniteNumbers extends SimpleModule {
    private static final long serialVersionUID = 1;

    FiniteNumbers() {
        addSerializer(double.class, new Writer());
        addSerializer(Double.class, new Writer());
        addDeserializer(double.class, new Reader());
        addDeserializer(Double.class, new Reader());
    }

    private static final class Writer extends JsonSerializer<Double> {
        @Override
        public void serialize(Double value, JsonGenerator out, SerializerProvider provider) throws IOException {
            if (!Double.isFinite(value)) {
                throw JsonMappingException.from(out, value + " (expected: a finite number)");
            }
            out.writeNumber(value.doubleValue());
        }
    }

    private static final class Reader extends JsonDeserializer<Double> {
        @Override
        public Double deserialize(JsonParser in, DeserializationContext context) throws IOException {
            JsonToken token = in.currentToken();
            double value = token != null && token.isNumeric() ? in.getDoubleValue() : Double.NaN;
            if (!Double.isFinite(value)) {
                throw JsonMappingException.from(in, in.getText() + " (expected: a finite number)");
            }
            return value;
        }

        @Override
        public Double getNullValue(DeserializationContext context) throws JsonMappingException {
            throw JsonMappingException.from(context, "null (expected: a finite number)");
        }
    }
}
