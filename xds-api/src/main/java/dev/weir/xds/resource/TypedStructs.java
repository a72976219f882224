package dev.weir.xds.resource;

import com.github.xds.type.v3.TypedStruct;
import com.google.protobuf.Any;
import com.google.protobuf.ListValue;
import com.google.protobuf.Struct;
import com.google.protobuf.Value;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Configuration of extensions whose type the Java types lack, by names instead of numbers. Envoy started with
 * {@code --reject-unknown-dynamic-fields} refuses a name that it does not know; without, it ignores it silently.
 */
public final class TypedStructs {
    private TypedStructs() {}

    /**
     * @param type full name of the message, for instance {@code envoy.extensions.filters.http.transform.v3.TransformConfig}
     * @param fields its fields as {@link #struct} takes them
     */
    public static Any of(String type, Map<String, ?> fields) {
        return Any.pack(TypedStruct.newBuilder()
                .setTypeUrl(url(type))
                .setValue(struct(fields))
                .build());
    }

    /** The fields of a message inside another one's {@code Any}, where a TypedStruct would not be looked through. */
    public static Map<String, Object> nested(String type, Map<String, ?> fields) {
        Map<String, Object> all = new TreeMap<>(fields);
        all.put("@type", url(type));
        return all;
    }

    /** Strings, booleans, numbers, lists and maps of them; keys in order, so that equal content has equal bytes. */
    public static Struct struct(Map<String, ?> fields) {
        Struct.Builder struct = Struct.newBuilder();
        new TreeMap<>(fields).forEach((key, value) -> struct.putFields(key, value(value)));
        return struct.build();
    }

    private static Value value(Object of) {
        Value.Builder value = Value.newBuilder();
        if (of instanceof String text) {
            value.setStringValue(text);
        } else if (of instanceof Boolean flag) {
            value.setBoolValue(flag);
        } else if (of instanceof Number number) {
            value.setNumberValue(number.doubleValue());
        } else if (of instanceof List<?> list) {
            ListValue.Builder values = ListValue.newBuilder();
            list.forEach(element -> values.addValues(value(element)));
            value.setListValue(values);
        } else if (of instanceof Map<?, ?> map) {
            Map<String, Object> fields = new TreeMap<>();
            map.forEach((key, element) -> fields.put((String) key, element));
            value.setStructValue(struct(fields));
        } else {
            throw new IllegalArgumentException(
                    "value: " + of.getClass().getName() + " (expected: string, boolean, number, list or map)");
        }
        return value.build();
    }

    private static String url(String type) {
        return "type.googleapis.com/" + type;
    }
}
