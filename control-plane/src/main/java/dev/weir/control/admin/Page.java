package dev.weir.control.admin;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;

/**
 * The dashboard: one HTML page with its style and scripts in it, which loads nothing from anywhere else.
 *
 * <p>The policy allows exactly these scripts, by digest, and connections to this port: markup that came in with a model's
 * name could not run, should it ever be shown unescaped.
 */
final class Page {
    private static final String[] SCRIPTS = {"dom.js", "chart.js", "dashboard.js"};

    private final AdminReply reply;
    private final String policy;

    private Page(AdminReply reply, String policy) {
        this.reply = reply;
        this.policy = policy;
    }

    static Page load() {
        StringBuilder scripts = new StringBuilder("\n");
        for (String name : SCRIPTS) {
            scripts.append(resource(name)).append('\n');
        }
        String style = "\n" + resource("dashboard.css");
        String html = resource("dashboard.html").replace("/*style*/", style).replace("/*scripts*/", scripts);
        String policy = "default-src 'none'; connect-src 'self'; base-uri 'none'; form-action 'none';"
                + " frame-ancestors 'none'; style-src '" + digest(style) + "'; script-src '"
                + digest(scripts.toString())
                + "'";
        return new Page(new AdminReply(200, "text/html; charset=utf-8", html.getBytes(StandardCharsets.UTF_8)), policy);
    }

    AdminReply reply() {
        return reply;
    }

    /** The content security policy of every answer. */
    String policy() {
        return policy;
    }

    private static String resource(String name) {
        try (InputStream in = Page.class.getResourceAsStream(name)) {
            if (in == null) {
                throw new IllegalStateException("resource " + name + " is not in the jar");
            }
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String digest(String text) {
        try {
            byte[] hash = MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
            return "sha256-" + Base64.getEncoder().encodeToString(hash);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e); // every Java has SHA-256
        }
    }
}
