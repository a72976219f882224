package dev.weir.control.model;

import java.time.Duration;
import java.util.List;

/**
 * Which pages in browsers may call a sidecar: {@code Mesh.spec.cors}.
 *
 * @param origins as browsers send them, lower case, each with at most one {@code *}; {@code *} alone = any
 * @param methods default GET, HEAD, POST, DELETE
 * @param headers that requests may carry, lower case; {@code *} = any but Authorization; default both
 * @param maxAge how long a browser need not ask again, default 10 min
 */
public record Cors(List<String> origins, List<String> methods, List<String> headers, Duration maxAge) {
    public Cors {
        origins = List.copyOf(origins);
        methods = List.copyOf(methods);
        headers = List.copyOf(headers);
    }
}
