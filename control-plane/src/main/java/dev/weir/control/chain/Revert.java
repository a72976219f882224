package dev.weir.control.chain;

import dev.weir.control.chain.AbiReader.Malformed;
import dev.weir.control.chain.Artifact.ErrorType;
import dev.weir.xds.PrintableText;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Says in words why a call was reverted. */
final class Revert {
    private static final Pattern HEX = Pattern.compile("0x[0-9a-fA-F]{8,8192}");
    private static final int MAX_TEXT = 256;
    private static final Map<String, ErrorType> ERRORS = errors();

    private Revert() {}

    /** @param text contains the reverted call's data as 0x and hex digits somewhere, or nothing of use */
    static String reason(@Nullable String text) {
        Matcher hex = HEX.matcher(text == null ? "" : text);
        if (!hex.find()) {
            return "without a reason";
        }
        String data = hex.group();
        ErrorType error = ERRORS.get(data.substring(0, 10).toLowerCase(java.util.Locale.ROOT));
        if (error == null) {
            return "with " + PrintableText.shown(data, 74);
        }
        try {
            AbiReader arguments = new AbiReader("0x" + data.substring(10), 4096);
            StringBuilder words = new StringBuilder(error.name()).append('(');
            for (int i = 0; i < error.types().size(); i++) {
                words.append(i == 0 ? "" : ", ").append(argument(error.types().get(i), arguments, 32 * i));
            }
            return words.append(')').toString();
        } catch (Malformed e) {
            return error.name();
        }
    }

    private static String argument(String type, AbiReader arguments, int at) throws Malformed {
        return switch (type) {
            case "address" -> arguments.address(at);
            case "bytes32" -> arguments.bytes32(at);
            case "string" -> "\"" + PrintableText.shown(arguments.string(at, 0, MAX_TEXT), MAX_TEXT) + "\"";
            default -> arguments.unsigned(at, 256).toString();
        };
    }

    private static Map<String, ErrorType> errors() {
        Map<String, ErrorType> all = new HashMap<>(Artifact.TOKEN.errors());
        all.putAll(Artifact.REGISTRY.errors());
        all.put("0x08c379a0", new ErrorType("Error", List.of("string")));
        all.put("0x4e487b71", new ErrorType("Panic", List.of("uint256")));
        return Map.copyOf(all);
    }
}
