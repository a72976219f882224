package dev.weir.control.config;

import dev.weir.control.model.Provider.Endpoint;
import dev.weir.control.model.Provider.Tls;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.regex.Pattern;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Reads {@code Provider.spec.endpoint}: a URL, or a host with its port. */
final class EndpointReader {
    /** A system's whole bundle is about 220 KiB. */
    private static final long LARGEST_AUTHORITIES = 1 << 20;

    private static final int PARAMETERS = 16;
    private static final String PARAMETER = "a parameter's name of 1 to 64 of A-Z a-z 0-9 . _ ~ $ -";
    private static final Pattern PARAMETER_NAME = Pattern.compile("[A-Za-z0-9._~$-]{1,64}");
    private static final Pattern PARAMETER_VALUE = Pattern.compile("[^\\p{Cntrl}\\p{Cf}\\p{Cs}\\p{Zl}\\p{Zp}]{0,256}");

    private static final Logger log = LoggerFactory.getLogger(EndpointReader.class);

    private final Secrets secrets;

    EndpointReader(Secrets secrets) {
        this.secrets = secrets;
    }

    /** What is wrong with it is said; what could not be read is empty or 0. */
    Endpoint read(Fields spec) {
        if (!spec.has("endpoint")) {
            spec.missing("endpoint", "an object with url, or with host and port");
        }
        Optional<Fields> found = spec.object("endpoint");
        Optional<Endpoint> endpoint = found.map(fields -> fields.has("url") ? byUrl(fields) : byHost(fields));
        found.ifPresent(Fields::end);
        return endpoint.orElseGet(() -> new Endpoint("", 0, Optional.empty()));
    }

    private Endpoint byUrl(Fields fields) {
        Optional<String> text = fields.text("url");
        boolean host = fields.has("host");
        boolean port = fields.has("port");
        if (host || port) {
            fields.refuse("url", text.map(EndpointUrl::shown), "either url, or host and port");
        }
        Optional<EndpointUrl> url = text.flatMap(written -> EndpointUrl.parse(
                written, expected -> fields.refuse("url", Optional.of(EndpointUrl.shown(written)), expected)));
        url.filter(parsed -> parsed.base().isEmpty())
                .ifPresent(parsed -> log.warn(
                        "spec.endpoint.url {} has no path: what agents ask for at /v1/chat/completions is /chat/completions there",
                        text.orElseThrow()));
        String name = url.map(EndpointUrl::host).orElse("");
        Optional<Tls> written = fields.object("tls").map(tls -> tls(tls, name));
        Optional<Tls> tls = url.filter(EndpointUrl::tls).map(parsed -> written.orElse(new Tls(name, Optional.empty())));
        if (fields.has("tls") && url.isPresent() && tls.isEmpty()) {
            fields.refuse("tls", Optional.of("{...}"), "nothing, because the url begins with http://");
        }
        return new Endpoint(name, url.map(EndpointUrl::port).orElse(0), tls, url.map(EndpointUrl::base), query(fields));
    }

    private Endpoint byHost(Fields fields) {
        String host = host(fields, "endpoint").orElse("");
        long port = port(fields).orElse(0L);
        Optional<Tls> tls = fields.object("tls").map(written -> tls(written, host));
        return new Endpoint(host, (int) port, tls, Optional.empty(), query(fields));
    }

    private static Map<String, String> query(Fields fields) {
        Map<String, String> query = new TreeMap<>();
        fields.object("query").ifPresent(parameters -> {
            if (parameters.names().size() > PARAMETERS) {
                fields.refuse("query", Optional.of("{...}"), "at most " + PARAMETERS + " parameters");
                return;
            }
            for (String name : parameters.names()) {
                if (!PARAMETER_NAME.matcher(name).matches()) {
                    parameters.refuse(name, Optional.of(name), PARAMETER);
                }
                parameters
                        .text(
                                name,
                                "text of at most 256 printable characters; numbers, dates and yes/no need quotes",
                                text -> PARAMETER_VALUE.matcher(text).matches() ? Optional.of(text) : Optional.empty())
                        .ifPresent(value -> query.put(name, value));
            }
        });
        return query;
    }

    static Optional<String> host(Fields endpoint, String field) {
        boolean own = field.equals("endpoint");
        if (!endpoint.has("host")) {
            endpoint.missing("host", "a DNS name or an IP address" + (own ? ", or url in place of host and port" : ""));
        }
        return endpoint.text("host").flatMap(text -> {
            Optional<String> host = HostText.host(text);
            if (host.isEmpty()) {
                endpoint.refuse("host", Optional.of(EndpointUrl.shown(text)), expectedHost(text, field, own));
            }
            return host;
        });
    }

    private static String expectedHost(String text, String field, boolean own) {
        boolean url = text.contains("://");
        String rest = url ? text.substring(text.indexOf("://") + 3) : text;
        if (rest.contains("/") && rest.indexOf('/') < rest.length() - 1) {
            return "a host alone; " + (own ? "an address with a path is endpoint.url" : "the path is the provider's");
        }
        return url
                ? "a host alone, without a scheme" + (own ? "; TLS is endpoint.tls, a whole URL is endpoint.url" : "")
                : "a DNS name or an IP address; the port is " + field + ".port";
    }

    static Optional<Long> port(Fields endpoint) {
        if (!endpoint.has("port")) {
            endpoint.missing("port", "a whole number from 1 to 65535");
        }
        return endpoint.integer("port", 1, 65535);
    }

    private Tls tls(Fields tls, String host) {
        Optional<String> serverName = tls.text("serverName", "a DNS name or an IP address", HostText::host);
        Optional<String> authorities = tls.text("caFile").flatMap(file -> {
            Optional<String> pem = secrets.contents(tls, "caFile", file, LARGEST_AUTHORITIES);
            pem.flatMap(CertificateText::problem)
                    .ifPresent(problem ->
                            tls.refuse("caFile", Optional.of(file), "a PEM file with certificates alone; " + problem));
            pem.stream()
                    .flatMap(text -> CertificateText.outOfDate(text, Instant.now()).stream())
                    .forEach(warning -> log.warn("{}: {}; handshakes that need it will fail", file, warning));
            return pem;
        });
        tls.end();
        return new Tls(serverName.orElse(host), authorities);
    }
}
