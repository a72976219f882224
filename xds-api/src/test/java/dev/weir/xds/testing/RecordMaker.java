package dev.weir.xds.testing;

import dev.weir.xds.telemetry.AccessRecord;
import dev.weir.xds.telemetry.AccessRecord.Answer;
import dev.weir.xds.telemetry.AccessRecord.Content;
import dev.weir.xds.telemetry.AccessRecord.GrantFacts;
import dev.weir.xds.telemetry.AccessRecord.Identity;
import dev.weir.xds.telemetry.AccessRecord.Kind;
import dev.weir.xds.telemetry.AccessRecord.Outcome;
import dev.weir.xds.telemetry.AccessRecord.Request;
import dev.weir.xds.telemetry.AccessRecord.Route;
import dev.weir.xds.telemetry.AccessRecord.Timing;
import dev.weir.xds.telemetry.AccessRecord.Usage;
import dev.weir.xds.wire.LimitHeader;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Makes records for tests: each is a whole answer of provider {@code a} to a chat completion, but for what is said otherwise. */
public final class RecordMaker {
    public static final long START = 1_795_505_199_894_592L;

    private Identity identity;
    private Timing timing = new Timing(START, 26_937, 26_926);
    private Route route = new Route("chat", "a", "3.17", 120, 17);
    private Request request;
    private Outcome outcome;
    private Answer answer = new Answer(76, null, null);
    private @Nullable GrantFacts check;
    private Map<LimitHeader, String> limits = Map.of();

    private RecordMaker(Kind kind, String id, int attempt) {
        boolean call = kind == Kind.CALL;
        identity = new Identity(kind, "sidecar", id, attempt);
        request = new Request("POST", "/v1/chat/completions", call ? "m" : "", false, 86, Request.NOT_COUNTED);
        outcome = new Outcome(200, call ? "via_upstream" : "", "", true, false, false);
    }

    private RecordMaker(AccessRecord record) {
        identity = record.identity();
        timing = record.timing();
        route = record.route();
        request = record.request();
        outcome = record.outcome();
        answer = record.answer();
        check = record.check();
        limits = record.limits();
    }

    /** @param attempt its number; of a call, how many there were */
    public static RecordMaker record(Kind kind, String id, int attempt) {
        return new RecordMaker(kind, id, attempt);
    }

    public static RecordMaker call(String id) {
        return record(Kind.CALL, id, 1);
    }

    public static RecordMaker attempt(String id, int number) {
        return record(Kind.ATTEMPT, id, number);
    }

    /** The same as {@code record}. */
    public static RecordMaker like(AccessRecord record) {
        return new RecordMaker(record);
    }

    public RecordMaker sidecar(String id) {
        identity = new Identity(identity.kind(), id, identity.requestId(), identity.attempt());
        return this;
    }

    public RecordMaker start(long micros) {
        timing = new Timing(micros, timing.durationMicros(), timing.firstByteMicros());
        return this;
    }

    /** @param toFirstByteMicros -1 = none came */
    public RecordMaker lasting(long micros, long toFirstByteMicros) {
        timing = new Timing(timing.startMicros(), micros, toFirstByteMicros);
        return this;
    }

    public RecordMaker pool(String name) {
        route = new Route(name, route.provider(), route.epoch(), route.price(), route.priceNumber());
        return this;
    }

    public RecordMaker provider(String name) {
        route = new Route(route.pool(), name, route.epoch(), route.price(), route.priceNumber());
        return this;
    }

    /** No provider was called. */
    public RecordMaker nobody() {
        return provider("").price(route.epoch(), -1, -1);
    }

    public RecordMaker price(String ofEpoch, long is, long number) {
        route = new Route(route.pool(), route.provider(), ofEpoch, is, number);
        return this;
    }

    public RecordMaker status(int is) {
        return ended(is, outcome.details(), outcome.flags());
    }

    public RecordMaker flags(String are) {
        return ended(outcome.status(), outcome.details(), are);
    }

    public RecordMaker ended(int status, String details, String flags) {
        outcome = new Outcome(status, details, flags, outcome.whole(), outcome.bounced(), outcome.failed());
        return this;
    }

    public RecordMaker whole(boolean is) {
        return outcome(is, outcome.bounced(), outcome.failed());
    }

    public RecordMaker bounced(boolean is) {
        return outcome(outcome.whole(), is, outcome.failed());
    }

    public RecordMaker failed(boolean is) {
        return outcome(outcome.whole(), outcome.bounced(), is);
    }

    private RecordMaker outcome(boolean whole, boolean bounced, boolean failed) {
        outcome = new Outcome(outcome.status(), outcome.details(), outcome.flags(), whole, bounced, failed);
        return this;
    }

    public RecordMaker asked(String method, String path, String model, boolean stream) {
        request = new Request(method, path, model, stream, request.bytesReceived(), request.words());
        return this;
    }

    public RecordMaker bytes(long received, long sent) {
        answer = new Answer(sent, answer.usage(), answer.content());
        return body(received, request.words());
    }

    public RecordMaker words(long count) {
        return body(request.bytesReceived(), count);
    }

    private RecordMaker body(long bytes, long words) {
        request = new Request(request.method(), request.path(), request.model(), request.streamed(), bytes, words);
        return this;
    }

    public RecordMaker usage(@Nullable Usage is) {
        answer = new Answer(answer.bytesSent(), is, answer.content());
        return this;
    }

    public RecordMaker content(@Nullable Content is) {
        answer = new Answer(answer.bytesSent(), answer.usage(), is);
        return this;
    }

    public RecordMaker check(@Nullable GrantFacts is) {
        check = is;
        return this;
    }

    /** @param are as the provider said them */
    public RecordMaker limits(Map<LimitHeader, String> are) {
        limits = Map.copyOf(are);
        return this;
    }

    public AccessRecord make() {
        return new AccessRecord(identity, timing, route, request, outcome, answer, check, limits);
    }
}
