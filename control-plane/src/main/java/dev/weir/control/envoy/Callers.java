package dev.weir.control.envoy;

import com.google.protobuf.Any;
import com.google.protobuf.UInt32Value;
import dev.weir.control.model.Consumers;
import dev.weir.xds.wire.ErrorCode;
import io.envoyproxy.envoy.config.rbac.v3.Permission;
import io.envoyproxy.envoy.config.rbac.v3.Policy;
import io.envoyproxy.envoy.config.rbac.v3.Principal;
import io.envoyproxy.envoy.extensions.filters.http.rbac.v3.RBAC;
import io.envoyproxy.envoy.extensions.filters.http.rbac.v3.RBACPerRoute;
import io.envoyproxy.envoy.extensions.filters.network.http_connection_manager.v3.HttpFilter;
import io.envoyproxy.envoy.extensions.filters.network.http_connection_manager.v3.ResponseMapper;
import io.envoyproxy.envoy.type.matcher.v3.StringMatcher;

/**
 * The consumers that may call a side that asks for certificates. The names stand in its routes and not in its listener: routes
 * change without a connection being touched, and count for the next request of each.
 */
final class Callers {
    static final String FILTER = "envoy.filters.http.rbac";

    private static final io.envoyproxy.envoy.config.rbac.v3.RBAC NOBODY = io.envoyproxy
            .envoy
            .config
            .rbac
            .v3
            .RBAC
            .newBuilder()
            .setAction(io.envoyproxy.envoy.config.rbac.v3.RBAC.Action.ALLOW)
            .build();

    private Callers() {}

    /** The filter that lets nobody pass whom the routes do not name. */
    static HttpFilter filter() {
        return Listeners.filter(FILTER, Any.pack(allowing(NOBODY)));
    }

    /** The callers that a route names, as its settings of the filter. */
    static Any named(Consumers consumers) {
        Policy.Builder policy =
                Policy.newBuilder().addPermissions(Permission.newBuilder().setAny(true));
        consumers
                .exact()
                .forEach(name -> policy.addPrincipals(
                        principal(StringMatcher.newBuilder().setExact(name))));
        consumers
                .prefixes()
                .forEach(prefix -> policy.addPrincipals(
                        principal(StringMatcher.newBuilder().setPrefix(prefix))));
        io.envoyproxy.envoy.config.rbac.v3.RBAC rules = policy.getPrincipalsCount() == 0
                ? NOBODY
                : NOBODY.toBuilder().putPolicies("consumers", policy.build()).build();
        return Any.pack(RBACPerRoute.newBuilder().setRbac(allowing(rules)).build());
    }

    /** The answer to all others. */
    static ResponseMapper refusal() {
        return Errors.mapper(
                        "response.code_details.startsWith('rbac_access_denied')",
                        Errors.body(
                                "%DOWNSTREAM_PEER_URI_SAN% (%DOWNSTREAM_PEER_SUBJECT%) may not call this side (expected: an identity"
                                        + " of Mesh.spec.consumers).",
                                ErrorCode.NOT_A_CONSUMER))
                .toBuilder()
                .setStatusCode(UInt32Value.of(403))
                .build();
    }

    private static RBAC allowing(io.envoyproxy.envoy.config.rbac.v3.RBAC rules) {
        return RBAC.newBuilder().setRules(rules).build();
    }

    /** A caller by any SPIFFE id or DNS name that the certificate bears. */
    private static Principal principal(StringMatcher.Builder name) {
        return Principal.newBuilder()
                .setAuthenticated(Principal.Authenticated.newBuilder().setPrincipalName(name))
                .build();
    }
}
