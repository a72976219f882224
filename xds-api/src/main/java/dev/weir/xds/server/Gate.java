package dev.weir.xds.server;

import com.google.errorprone.annotations.ThreadSafe;
import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.weir.xds.SparseLog;
import io.grpc.netty.shaded.io.netty.channel.Channel;
import io.grpc.netty.shaded.io.netty.channel.ChannelHandler.Sharable;
import io.grpc.netty.shaded.io.netty.channel.ChannelHandlerContext;
import io.grpc.netty.shaded.io.netty.channel.ChannelInboundHandlerAdapter;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Closes at once what comes beyond the bounds: connections of the port, and of one address, which may have half of them.
 * Stands in the listening socket's pipeline, before anything is read.
 */
@Sharable
@ThreadSafe
final class Gate extends ChannelInboundHandlerAdapter {
    private static final Logger LOG = LoggerFactory.getLogger(Gate.class);

    private final SparseLog log = new SparseLog(LOG, System::nanoTime);
    private final int most;

    @GuardedBy("this")
    private final Map<InetAddress, Integer> open = new HashMap<>();

    private final Map<SocketAddress, Channel> connections = new ConcurrentHashMap<>();

    @GuardedBy("this")
    private int all;

    Gate(int most) {
        this.most = most;
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object accepted) {
        Channel connection = (Channel) accepted;
        SocketAddress remote = connection.remoteAddress();
        if (!(remote instanceof InetSocketAddress peer)) {
            connection.unsafe().closeForcibly(); // it has left already
            return;
        }
        InetAddress address = peer.getAddress();
        String problem = enter(address);
        if (problem.isEmpty()) {
            connections.put(remote, connection);
            var unused = connection.closeFuture().addListener(closed -> {
                connections.remove(remote, connection);
                leave(address);
            });
            context.fireChannelRead(connection);
        } else {
            connection.unsafe().closeForcibly();
            log.warn("connection", "a connection of {} was refused: {}", address.getHostAddress(), problem);
        }
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
        // accepting failed: no descriptors, as a rule. What stands behind pauses it for a second
        log.warn("accept", "no connection could be accepted: {}", cause.toString());
        context.fireExceptionCaught(cause);
    }

    /** The connection from there, if there still is one. */
    Optional<Channel> connection(SocketAddress remote) {
        return Optional.ofNullable(connections.get(remote));
    }

    /** Lets the connection from there end: it takes no new call, and goes when those on it have ended. */
    void hangUp(SocketAddress remote) {
        Channel connection = connections.get(remote);
        if (connection != null) {
            var unused = connection.close();
        }
    }

    /** Breaks the connection from there, and with it all calls on it. Any thread. */
    void cut(SocketAddress remote) {
        Channel connection = connections.get(remote);
        if (connection != null) {
            // not by way of the pipeline, which would wait until the peer takes what is under way
            connection.eventLoop().execute(() -> connection.unsafe().close(connection.newPromise()));
        }
    }

    private synchronized String enter(InetAddress address) {
        int own = open.getOrDefault(address, 0);
        if (all >= most) {
            return all + " are open (expected: at most " + most + ")";
        }
        if (own >= most / 2) {
            return "it has " + own + " (expected: at most " + most / 2 + " of one address)";
        }
        open.put(address, own + 1);
        all++;
        return "";
    }

    private synchronized void leave(InetAddress address) {
        all--;
        open.computeIfPresent(address, (key, own) -> own == 1 ? null : own - 1);
    }
}
