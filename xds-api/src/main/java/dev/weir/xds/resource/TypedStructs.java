package dev.weir.xds.resource;

import com.google.protobuf.ListValue;
import com.google.protobuf.Struct;
import com.google.protobuf.Value;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Protobuf's {@link Struct} from Java's types. */
public final class TypedStructs {
    private TypedStructs() {}

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
}
