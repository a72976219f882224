package dev.weir.control.envoy;

import dev.weir.control.model.Provider;
import dev.weir.weights.Proposal;
import io.envoyproxy.envoy.config.core.v3.DataSource;
import io.envoyproxy.envoy.extensions.filters.http.lua.v3.Lua;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/** The Lua that sidecars run; it lies beside this class. */
final class Scripts {
    private static final String JSON = read("json.lua");
    private static final String BODIES = JSON + read("form.lua") + read("refusal.lua");
    private static final String PIPE = BODIES
            + read("responses.lua")
            + read("words.lua")
            + read("operations.lua")
            + read("request.lua")
            + read("usage.lua")
            + read("events.lua")
            + read("later.lua")
            + read("answer.lua");
    private static final String CONSUMER =
            JSON + "local TOTAL = " + Proposal.TOTAL_WEIGHT + " -- what the weights of a pool sum to\n"
                    + read("models.lua")
                    + read("pace.lua")
                    + read("budget.lua")
                    + read("consumer.lua");
    private static final String OPTION = read("limits.lua") + read("option.lua");
    private static final String PATH = "local find, match, sub = string.find, string.match, string.sub\n"
            + read("operations.lua") + read("path.lua");
    private static final String MODEL = BODIES + read("model.lua");

    private Scripts() {}

    /**
     * The script for a consumer sidecar's listener, before all that goes by what a request asks for: reads requests, and
     * answers as they pass, and says when to come back. One script, because who made an answer decides where its follow-up
     * goes.
     */
    static Lua pipe() {
        return lua(PIPE);
    }

    /** The script for a consumer sidecar's listener. */
    static Lua consumer() {
        return lua(CONSUMER);
    }

    /**
     * The script of a cluster: makes {@code model} the value of the body's {@code model}, and where that is empty leaves the
     * body as the agent wrote it, whatever an attempt elsewhere made of its length.
     *
     * @param names there by those that the agent may have written, where they differ
     */
    static Lua model(Optional<String> model, Map<String, String> names) {
        StringBuilder renamed = new StringBuilder("local RENAMED = {");
        names.forEach((said, name) -> renamed.append('[')
                .append(quoted(said))
                .append("] = ")
                .append(name(name))
                .append(", "));
        return lua("local NAME = " + model.map(Scripts::name).orElse("nil") + "\n" + renamed + "}\n" + MODEL);
    }

    /** A model's name as a Lua table: as it is and as JSON. */
    private static String name(String model) {
        return "{plain = " + quoted(model) + ", json = " + quoted(PublicSignal.quoted(model)) + "}";
    }

    /** The script of a cluster: whether streams are asked for their usage there, and what its provider calls a refusal. */
    static Lua option(boolean ask) {
        return lua("local ASK = " + ask + "\n" + OPTION);
    }

    /** The script of a cluster: gives a request the path and the query that it has at {@code endpoint}. */
    static Lua path(Provider.Endpoint endpoint) {
        List<String> names = new ArrayList<>();
        List<String> parameters = new ArrayList<>();
        endpoint.query().forEach((name, value) -> {
            names.add("[" + quoted(name.toLowerCase(Locale.ROOT)) + "] = true");
            parameters.add(escaped(name) + "=" + escaped(value));
        });
        String base = endpoint.base().map(Scripts::quoted).orElse("nil");
        String beside = endpoint.base()
                .map(path -> path.endsWith("/v1") ? path.substring(0, path.length() - "/v1".length()) : path)
                .map(Scripts::quoted)
                .orElse("nil");
        String query = parameters.isEmpty() ? "nil" : quoted(String.join("&", parameters));
        return lua("local BASE, BESIDE, QUERY, FIXED = " + base + ", " + beside + ", " + query + ", {"
                + String.join(", ", names) + "}\n" + PATH);
    }

    /** Text as a part of a query. */
    private static String escaped(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8).replace("+", "%20");
    }

    private static Lua lua(String code) {
        return Lua.newBuilder()
                .setDefaultSourceCode(DataSource.newBuilder().setInlineString(code))
                .build();
    }

    /** A Lua string literal in ASCII, whatever {@code text} holds. */
    private static String quoted(String text) {
        StringBuilder out = new StringBuilder("\"");
        for (byte each : text.getBytes(StandardCharsets.UTF_8)) {
            out.append('\\').append(String.format("%03d", each & 0xff));
        }
        return out.append('"').toString();
    }

    private static String read(String name) {
        try (InputStream in = Scripts.class.getResourceAsStream(name)) {
            if (in == null) {
                throw new IllegalStateException(name + " is missing in the jar");
            }
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(name, e);
        }
    }
}
