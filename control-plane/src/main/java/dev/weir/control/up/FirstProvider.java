package dev.weir.control.up;

import dev.weir.control.config.EndpointUrl;
import dev.weir.control.model.Loopback;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * A provider of a first configuration.
 *
 * @param name a DNS label
 * @param url the base URL of its API
 * @param keyVariable variable of the environment that holds its key; empty = it wants none
 */
public record FirstProvider(String name, String url, Optional<String> keyVariable) {
    private static final Pattern LABEL = Pattern.compile("[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?");
    private static final Pattern VARIABLE = Pattern.compile("[A-Z_][A-Z0-9_]{0,127}");
    private static final Pattern MODEL = Pattern.compile("[^\\p{Cntrl}\\p{Cf}\\p{Zl}\\p{Zp}]{1,256}");
    /**
     * Reads {@code NAME=URL}.
     *
     * @throws UpRefusal that says what was expected
     */
    public static FirstProvider parse(String text) throws UpRefusal {
        int equals = text.indexOf('=');
        if (equals < 0) {
            throw new UpRefusal(
                    "\"" + shown(text) + "\" (expected: NAME=URL, for instance openai=https://api.openai.com/v1)");
        }
        return of(text.substring(0, equals), text.substring(equals + 1));
    }

    /** Throws {@link UpRefusal} that says what was expected. */
    public static FirstProvider of(String name, String url) throws UpRefusal {
        List<String> expected = new ArrayList<>();
        if (EndpointUrl.parse(url, expected::add).isEmpty()) {
            throw new UpRefusal("\"" + shown(url) + "\" (expected: " + String.join("; ", expected) + ")");
        }
        return new FirstProvider(checkedName(name), url, Optional.empty());
    }

    /** Throws {@link UpRefusal} that says what was expected. */
    public static String checkedName(String name) throws UpRefusal {
        if (!LABEL.matcher(name).matches()) {
            throw new UpRefusal("\"" + shown(name)
                    + "\" (expected: a name of at most 63 lower-case letters, digits and -, for instance openai)");
        }
        return name;
    }

    /** Throws {@link UpRefusal} that says what was expected; what may be a key is not shown. */
    public static String checkedVariable(String name) throws UpRefusal {
        if (!VARIABLE.matcher(name).matches()) {
            throw new UpRefusal("*** (expected: the name of an environment variable, upper case, for instance"
                    + " OPENAI_API_KEY; the key itself stays out of files and of command lines)");
        }
        return name;
    }

    /** Throws {@link UpRefusal} that says what was expected. */
    public static String checkedModel(String name) throws UpRefusal {
        int star = name.indexOf('*');
        boolean whole = star < 0 || (star > 0 && star == name.length() - 1);
        if (!MODEL.matcher(name).matches() || !name.equals(name.strip()) || !whole) {
            throw new UpRefusal("\"" + name.replaceAll("\\p{Cntrl}", "?")
                    + "\" (expected: a model's name as agents write it, 1 to 256 printable characters, or the beginning of"
                    + " names with a * behind)");
        }
        return name;
    }

    /** Nothing of a password, and one line. */
    private static String shown(String text) {
        return EndpointUrl.shown(text).replaceAll("\\p{Cntrl}", "?");
    }

    public FirstProvider withKey(String variable) throws UpRefusal {
        return new FirstProvider(name, url, Optional.of(checkedVariable(variable)));
    }

    private EndpointUrl parsed() {
        return EndpointUrl.parse(url, expected -> {}).orElseThrow();
    }

    public String host() {
        return parsed().host();
    }

    /** Whether its key is read by whoever is on the way. */
    public boolean exposesKey() {
        return keyVariable.isPresent() && !parsed().tls() && !Loopback.is(host());
    }

    /** Whether its URL is that of a host alone, which few APIs have. */
    public boolean pathless() {
        return parsed().base().isEmpty();
    }

    /** Its object. */
    String text() {
        return """
                # What it can do is learnt from what is seen. If you know better, say so, which helps in the first minutes:
                # slots = requests that it serves at once (a local server's --parallel; a hosted API's limit of concurrent requests),
                # workUnitsPerSecond = slots / seconds per call. 8 slots whose answers take 4 s do 2 a second; 60 requests per minute are 1.
                apiVersion: weir.dev/v1alpha1
                kind: Provider
                metadata:
                  name: %s
                spec:
                  endpoint:
                    url: %s   # the base URL of its API; https has TLS
                """.formatted(name, FirstConfig.quoted(url))
                + keyVariable.map("""
                  credentials:                 # added on the way there; agents' own keys never reach it
                    header: authorization
                    prefix: "Bearer "
                    valueFrom: {env: %s}   # or {file: PATH}; never the key itself
                """::formatted).orElse("") + """
                  # capacity: {slots: 8, workUnitsPerSecond: 2}
                """;
    }
}
