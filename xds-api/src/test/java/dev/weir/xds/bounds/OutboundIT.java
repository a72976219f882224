package dev.weir.xds.bounds;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.google.protobuf.ByteString;
import com.google.protobuf.BytesValue;
import com.google.protobuf.UInt32Value;
import dev.weir.xds.testing.RawClient;
import io.grpc.MethodDescriptor;
import io.grpc.Server;
import io.grpc.ServerServiceDefinition;
import io.grpc.Status;
import io.grpc.netty.shaded.io.grpc.netty.NettyServerBuilder;
import io.grpc.protobuf.ProtoUtils;
import io.grpc.stub.ServerCalls;
import io.grpc.stub.StreamObserver;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What goes out takes no more than the budget, whoever asks for it and does not read. */
final class OutboundIT {
    private static final String ASK = "test.Answers/Ask";
    private static final int ANSWER = 300 << 10;
    private static final Duration LONG = Duration.ofSeconds(20);

    private final ByteBudget budget = new ByteBudget(ByteBudget.MIN);
    private final ExecutorService executor = Executors.newFixedThreadPool(2);
    private final Set<SocketAddress> cut = ConcurrentHashMap.newKeySet();
    private final List<RawClient> clients = new ArrayList<>();
    private Meter meter;
    private Server server;

    @BeforeEach
    void start() throws IOException {
        meter = new Meter(
                Set.of(),
                new ByteBudget(ByteBudget.MIN),
                new ByteBudget(ByteBudget.MIN),
                10_000,
                budget,
                executor,
                cut::add);
        NettyServerBuilder builder = NettyServerBuilder.forAddress(new InetSocketAddress("127.0.0.1", 0));
        meter.install(builder);
        server = builder.executor(executor).addService(answers()).build().start();
    }

    /** Each request is a number of answers; when no more are asked for the stream ends well. */
    private static ServerServiceDefinition answers() {
        MethodDescriptor<UInt32Value, BytesValue> ask = MethodDescriptor.<UInt32Value, BytesValue>newBuilder()
                .setType(MethodDescriptor.MethodType.BIDI_STREAMING)
                .setFullMethodName(ASK)
                .setRequestMarshaller(ProtoUtils.marshaller(UInt32Value.getDefaultInstance()))
                .setResponseMarshaller(ProtoUtils.marshaller(BytesValue.getDefaultInstance()))
                .build();
        return ServerServiceDefinition.builder("test.Answers")
                .addMethod(ask, ServerCalls.asyncBidiStreamingCall(answers -> new StreamObserver<UInt32Value>() {
                    private int number;

                    @Override
                    public void onNext(UInt32Value count) {
                        for (int i = 0; i < count.getValue(); i++) {
                            ByteBuffer answer = ByteBuffer.allocate(ANSWER).putInt(0, number++);
                            answers.onNext(BytesValue.newBuilder()
                                    .setValue(ByteString.copyFrom(answer))
                                    .build());
                        }
                    }

                    @Override
                    public void onError(Throwable left) {}

                    @Override
                    public void onCompleted() {
                        answers.onCompleted();
                    }
                }))
                .build();
    }

    @AfterEach
    void stop() throws InterruptedException {
        clients.forEach(RawClient::close);
        await().atMost(LONG).until(() -> budget.taken() == 0); // whatever happened, all is given back
        server.shutdownNow().awaitTermination();
        executor.shutdownNow();
    }

    private RawClient client() {
        RawClient client = new RawClient(server.getPort());
        clients.add(client);
        return client;
    }

    private static byte[] ask(int answers) {
        return UInt32Value.of(answers).toByteArray();
    }

    private static int number(byte @Nullable [] answer) throws IOException {
        return answer == null
                ? -1
                : BytesValue.parseFrom(answer).getValue().asReadOnlyByteBuffer().getInt(0);
    }

    private static void assertAll(RawClient.Stream stream, int answers) throws IOException {
        for (int i = 0; i < answers; i++) {
            assertThat(number(stream.answer(LONG))).isEqualTo(i);
        }
    }

    @Test
    void who_asks_and_does_not_read_takes_his_share_and_is_cut_when_others_wait() throws IOException {
        List<RawClient.Stream> greedy = new ArrayList<>();
        for (int i = 0; i < 8; i++) {
            RawClient client = client();
            for (int k = 0; k < 4; k++) {
                greedy.add(client.openUnread(ASK).send(ask(20))); // 6 MB, of which a client's window lets in one
            }
        }
        await().atMost(LONG).until(budget::full);
        assertThat(budget.taken()).isBetween(budget.total() / 2, budget.total());
        RawClient.Stream honest = client().open(ASK).send(ask(20)).halfClose();
        meter.expire();
        assertThat(cut).as("before its time").isEmpty();
        await().atMost(LONG).until(() -> {
            meter.expire();
            return !cut.isEmpty();
        });
        assertThat(budget.taken()).isLessThanOrEqualTo(budget.total());
        greedy.forEach(RawClient.Stream::cancel); // what a cut comes to
        assertAll(honest, 20);
        assertThat(honest.end().getCode()).isEqualTo(Status.Code.OK);
    }

    @Test
    void who_reads_slowly_is_left_alone_as_long_as_nobody_waits() throws IOException, InterruptedException {
        RawClient.Stream slow = client().openUnread(ASK).send(ask(30)).halfClose();
        await().atMost(LONG).until(() -> budget.taken() > 0);
        long since = System.nanoTime();
        while (System.nanoTime() - since < Outbound.PATIENCE_NANOS + TimeUnit.MILLISECONDS.toNanos(500)) {
            meter.expire();
            Thread.sleep(100);
        }
        assertThat(cut).isEmpty();
        for (int i = 0; i < 30; i++) {
            slow.read(1);
            assertThat(number(slow.answer(LONG))).isEqualTo(i);
        }
        slow.read(1);
        assertThat(slow.end().getCode()).as("its end waits for its answers").isEqualTo(Status.Code.OK);
    }

    @Test
    void many_who_come_at_once_all_get_everything_in_order() throws IOException {
        List<RawClient.Stream> streams = new ArrayList<>();
        for (int i = 0; i < 40; i++) {
            streams.add(client().open(ASK).send(ask(10)).send(ask(10)).halfClose());
        }
        long most = 0;
        for (RawClient.Stream stream : streams) {
            most = Math.max(most, budget.taken());
            assertAll(stream, 20);
            assertThat(stream.end().getCode()).isEqualTo(Status.Code.OK);
        }
        assertThat(most).isLessThanOrEqualTo(budget.total());
        assertThat(cut).isEmpty();
    }

    @Test
    void who_leaves_gives_back_what_was_under_way_and_what_waited() throws IOException {
        List<RawClient.Stream> gone = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            gone.add(client().openUnread(ASK).send(ask(40)));
        }
        await().atMost(LONG).until(() -> budget.taken() > budget.total() / 2);
        gone.forEach(RawClient.Stream::cancel);
        await().atMost(LONG).until(() -> budget.taken() == 0);
        RawClient.Stream next = client().open(ASK).send(ask(20));
        assertAll(next, 20);
    }
}
