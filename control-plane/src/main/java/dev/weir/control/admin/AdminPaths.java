package dev.weir.control.admin;

import dev.weir.control.model.Decision;
import dev.weir.control.model.Epoch;
import dev.weir.control.model.Image;
import java.util.Map;
import java.util.Optional;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/** What each path answers. */
final class AdminPaths {
    /** A loop that has not turned for so long is not alive: forty of its longest ticks. */
    private static final long SILENT_MILLIS = 400_000;

    private static final long SILENT_TICKS = 40;

    private final AdminSources sources;
    private final LongSupplier wallMillis;

    /** Answers one path. */
    interface Handler {
        AdminReply get(@Nullable String query) throws BadRequest;
    }

    AdminPaths(AdminSources sources, LongSupplier wallMillis) {
        this.sources = sources;
        this.wallMillis = wallMillis;
    }

    Map<String, Handler> byPath() {
        return Map.of(
                "/healthz", this::health,
                "/readyz", this::ready,
                "/metrics", this::metrics,
                "/v1/decision", this::decision,
                "/v1/providers", this::providers,
                "/v1/sidecars", this::sidecars,
                "/v1/calls", this::calls,
                "/v1/call", this::call,
                "/v1/history", this::history,
                "/v1/route", this::route);
    }

    private AdminReply health(@Nullable String query) throws BadRequest {
        Query.parse(query);
        Optional<Image> image = sources.live().newest();
        if (image.isEmpty()) {
            return AdminReply.text(200, "ok: starting\n");
        }
        long silent = wallMillis.getAsLong() - image.get().atMillis();
        long allowed = Math.min(
                SILENT_MILLIS,
                Math.max(
                        10_000,
                        SILENT_TICKS
                                * image.get().config().mesh().control().tick().toMillis()));
        return silent > allowed
                ? AdminReply.text(503, "the loop has not turned for " + silent / 1000 + " s\n")
                : AdminReply.text(200, "ok\n");
    }

    private AdminReply ready(@Nullable String query) throws BadRequest {
        Query.parse(query);
        if (!sources.xdsOpen().getAsBoolean()) {
            return AdminReply.text(503, "the port for sidecars is not open\n");
        }
        return sources.live().newest().flatMap(Image::decision).isEmpty()
                ? AdminReply.text(503, "no decision is in force yet\n")
                : AdminReply.text(200, "ok\n");
    }

    private AdminReply metrics(@Nullable String query) {
        // scrapers may add parameters of their own
        return new AdminReply(
                200,
                "text/plain; version=0.0.4; charset=utf-8",
                sources.metrics().get().getBytes(java.nio.charset.StandardCharsets.UTF_8));
    }

    private AdminReply decision(@Nullable String raw) throws BadRequest {
        Optional<String> epoch = Query.parse(raw, "epoch").text("epoch").filter(e -> !e.equals("last"));
        Optional<Decision> last = sources.live().newest().flatMap(Image::decision);
        Optional<Decision> found = last;
        if (epoch.isPresent()) {
            Epoch wanted = epoch(epoch.get());
            // the last one may not be stored yet
            found = last.filter(d -> d.epoch().equals(wanted))
                    .or(() -> sources.decisions().find(wanted));
        }
        Decision decision = found.orElseThrow(() -> BadRequest.notFound(
                epoch.map(e -> "decision " + e + " is not stored (expected: one of the last 10 000 released)")
                        .orElse("no decision is in force yet")));
        return AdminReply.json(DecisionView.of(decision, sources.decisions().before(decision.epoch())));
    }

    private static Epoch epoch(String text) throws BadRequest {
        try {
            return Epoch.parse(text);
        } catch (IllegalArgumentException e) {
            throw BadRequest.parameter("epoch", text, "last, or TERM.SEQUENCE, for instance 3.17");
        }
    }

    private AdminReply providers(@Nullable String query) throws BadRequest {
        Query.parse(query);
        Image image = sources.live().newest().orElseThrow(() -> BadRequest.notFound("the loop has not turned yet"));
        return AdminReply.json(ProvidersView.of(
                image, sources.live().latencies(), sources.quotas().get(), wallMillis.getAsLong()));
    }

    private AdminReply sidecars(@Nullable String query) throws BadRequest {
        Query.parse(query);
        return AdminReply.json(SidecarsView.of(sources.sidecars().get()));
    }

    private AdminReply calls(@Nullable String query) throws BadRequest {
        long limit = Query.parse(query, "limit").number("limit", 1, 1000, 100);
        return AdminReply.json(CallsView.of(sources.ledger().calls((int) limit)));
    }

    private AdminReply call(@Nullable String query) throws BadRequest {
        String id = Query.parse(query, "id")
                .text("id")
                .orElseThrow(() -> BadRequest.parameter("id", "", "a call's x-request-id"));
        return CallView.of(sources.ledger(), id)
                .map(AdminReply::json)
                .orElseThrow(() -> BadRequest.notFound("the ledger has no such call (yet)"));
    }

    private AdminReply history(@Nullable String raw) throws BadRequest {
        Query query = Query.parse(raw, "since", "pool");
        long since = query.number("since", 0, Long.MAX_VALUE, 0);
        return AdminReply.json(HistoryView.of(sources.live().history().since(since), query.text("pool")));
    }

    private AdminReply route(@Nullable String query) throws BadRequest {
        String model = Query.parse(query, "model")
                .text("model")
                .orElseThrow(() -> BadRequest.parameter("model", "", "a model as agents write it"));
        Image image = sources.live().newest().orElseThrow(() -> BadRequest.notFound("the loop has not turned yet"));
        return AdminReply.json(RouteView.of(image, model));
    }
}
