package dev.weir.control.quota;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A member of a structured field, as far as {@code RateLimit} and {@code RateLimit-Policy} need it: {@code "name";q=100;w=60}, and of
 * older drafts {@code 100;w=60} and {@code limit=100}.
 *
 * @param name before the first semicolon, without quotes
 * @param parameters by key; quotes are taken off
 */
record StructuredField(String name, Map<String, String> parameters) {
    private static final int MAX_MEMBERS = 16;

    /** The members of a list or dictionary; what is odd in it comes out odd, and is for the reader of the values to ignore. */
    static List<StructuredField> list(String text) {
        List<StructuredField> members = new ArrayList<>();
        for (String member : parts(text, ',')) {
            List<String> parts = parts(member, ';');
            Map<String, String> parameters = new LinkedHashMap<>();
            for (String parameter : parts.subList(1, parts.size())) {
                int equals = parameter.indexOf('=');
                if (equals > 0) {
                    parameters.put(parameter.substring(0, equals).strip(), bare(parameter.substring(equals + 1)));
                }
            }
            members.add(new StructuredField(bare(parts.get(0)), parameters));
        }
        return members;
    }

    private static String bare(String text) {
        String value = text.strip();
        boolean quoted = value.length() >= 2 && value.startsWith("\"") && value.endsWith("\"");
        return quoted ? value.substring(1, value.length() - 1) : value;
    }

    /** At least one part; those after the last that is looked at are left out. */
    private static List<String> parts(String text, char separator) {
        List<String> parts = new ArrayList<>();
        boolean quoted = false;
        int from = 0;
        for (int i = 0; i <= text.length() && parts.size() < MAX_MEMBERS; i++) {
            if (i == text.length() || (text.charAt(i) == separator && !quoted)) {
                parts.add(text.substring(from, i));
                from = i + 1;
            } else if (text.charAt(i) == '"') {
                quoted = !quoted;
            }
        }
        return parts;
    }
}
