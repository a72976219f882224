package dev.weir.xds.testing;

import dev.weir.xds.telemetry.AccessRecord;
import dev.weir.xds.telemetry.AccessRecord.Content;
import dev.weir.xds.telemetry.AccessRecord.GrantFacts;
import dev.weir.xds.telemetry.AccessRecord.Kind;
import dev.weir.xds.telemetry.AccessRecord.Usage;
import org.jspecify.annotations.Nullable;

/** Makes records for tests: each is a whole answer of provider {@code a} to a chat completion, but for what is said otherwise. */
public final class RecordMaker {
    public static final long START = 1_795_505_199_894_592L;

    private final Kind kind;
    private final String id;
    private int attempt;
    private String sidecar = "sidecar";
    private long startMicros = START;
    private long durationMicros = 26_937;
    private long firstByteMicros = 26_926;
    private boolean whole = true;
    private String pool = "chat";
    private String provider = "a";
    private String epoch = "3.17";
    private long price = 120;
    private long priceNumber = 17;
    private int status = 200;
    private String details;
    private String flags = "";
    private String method = "POST";
    private String path = "/v1/chat/completions";
    private String model;
    private boolean streamed;
    private @Nullable Usage usage;
    private long bytesReceived = 86;
    private long bytesSent = 76;
    private long words = AccessRecord.NOT_COUNTED;
    private boolean bounced;
    private boolean failed;
    private @Nullable GrantFacts check;
    private @Nullable Content content;

    private RecordMaker(Kind kind, String id, int attempt) {
        this.kind = kind;
        this.id = id;
        this.attempt = attempt;
        details = kind == Kind.CALL ? "via_upstream" : "";
        model = kind == Kind.CALL ? "m" : "";
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
        return record(record.kind(), record.requestId(), record.attempt())
                .sidecar(record.sidecar())
                .start(record.startMicros())
                .lasting(record.durationMicros(), record.firstByteMicros())
                .whole(record.whole())
                .pool(record.pool())
                .provider(record.provider())
                .price(record.epoch(), record.price(), record.priceNumber())
                .ended(record.status(), record.details(), record.flags())
                .asked(record.method(), record.path(), record.model(), record.streamed())
                .usage(record.usage())
                .bytes(record.bytesReceived(), record.bytesSent())
                .words(record.words())
                .bounced(record.bounced())
                .failed(record.failed())
                .check(record.check())
                .content(record.content());
    }

    public RecordMaker sidecar(String id) {
        sidecar = id;
        return this;
    }

    public RecordMaker start(long micros) {
        startMicros = micros;
        return this;
    }

    /** @param toFirstByteMicros -1 = none came */
    public RecordMaker lasting(long micros, long toFirstByteMicros) {
        durationMicros = micros;
        firstByteMicros = toFirstByteMicros;
        return this;
    }

    public RecordMaker whole(boolean is) {
        whole = is;
        return this;
    }

    public RecordMaker pool(String name) {
        pool = name;
        return this;
    }

    public RecordMaker provider(String name) {
        provider = name;
        return this;
    }

    /** No provider was called. */
    public RecordMaker nobody() {
        return provider("").price(epoch, -1, -1);
    }

    public RecordMaker price(String ofEpoch, long is, long number) {
        epoch = ofEpoch;
        price = is;
        priceNumber = number;
        return this;
    }

    public RecordMaker status(int is) {
        status = is;
        return this;
    }

    public RecordMaker flags(String are) {
        flags = are;
        return this;
    }

    public RecordMaker ended(int withStatus, String withDetails, String withFlags) {
        details = withDetails;
        return status(withStatus).flags(withFlags);
    }

    public RecordMaker asked(String withMethod, String forPath, String forModel, boolean forStream) {
        method = withMethod;
        path = forPath;
        model = forModel;
        streamed = forStream;
        return this;
    }

    public RecordMaker usage(@Nullable Usage is) {
        usage = is;
        return this;
    }

    public RecordMaker bytes(long received, long sent) {
        bytesReceived = received;
        bytesSent = sent;
        return this;
    }

    public RecordMaker words(long count) {
        words = count;
        return this;
    }

    public RecordMaker bounced(boolean is) {
        bounced = is;
        return this;
    }

    public RecordMaker failed(boolean is) {
        failed = is;
        return this;
    }

    public RecordMaker check(@Nullable GrantFacts is) {
        check = is;
        return this;
    }

    public RecordMaker content(@Nullable Content is) {
        content = is;
        return this;
    }

    public AccessRecord make() {
        return new AccessRecord(
                kind,
                sidecar,
                id,
                attempt,
                startMicros,
                durationMicros,
                firstByteMicros,
                whole,
                pool,
                provider,
                epoch,
                price,
                priceNumber,
                status,
                details,
                flags,
                method,
                path,
                model,
                streamed,
                usage,
                bytesReceived,
                bytesSent,
                words,
                bounced,
                failed,
                check,
                content);
    }
}
