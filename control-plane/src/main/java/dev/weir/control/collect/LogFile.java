package dev.weir.control.collect;

import dev.weir.xds.telemetry.FileId;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Optional;

/**
 * One log file, open for reading. It stays readable when it is renamed or unlinked, and while it is open the file system
 * gives its inode to no other file.
 */
final class LogFile implements AutoCloseable {
    private final FileChannel channel;
    private final long inode;
    private Path path;

    private LogFile(FileChannel channel, long inode, Path path) {
        this.channel = channel;
        this.inode = inode;
        this.path = path;
    }

    /** Opens a file; empty when there is no such file, or another one took its name just now. */
    static Optional<LogFile> open(Path path) throws IOException {
        // an open channel does not tell its inode: the name's is it if it is the same before and after
        long before = inode(path);
        if (before < 0) {
            return Optional.empty();
        }
        FileChannel channel;
        try {
            channel = FileChannel.open(path, StandardOpenOption.READ);
        } catch (NoSuchFileException e) {
            return Optional.empty();
        }
        if (inode(path) != before) {
            channel.close();
            return Optional.empty();
        }
        return Optional.of(new LogFile(channel, before, path));
    }

    /** Inode that the name stands for now, -1 = none. */
    static long inode(Path path) throws IOException {
        try {
            return ((Number) Files.getAttribute(path, "unix:ino")).longValue();
        } catch (NoSuchFileException e) {
            return -1;
        }
    }

    long inode() {
        return inode;
    }

    Path path() {
        return path;
    }

    /** Takes note of its new name, after a rename. */
    void moved(Path to) {
        path = to;
    }

    long size() throws IOException {
        return channel.size();
    }

    /** Fills {@code buffer} from {@code offset} on, as far as the file goes. */
    void read(ByteBuffer buffer, long offset) throws IOException {
        int n = 0;
        while (buffer.hasRemaining() && n >= 0) {
            n = channel.read(buffer, offset + buffer.position());
        }
        buffer.flip();
    }

    /** A name that survives a rename and that no other file has. Empty while the first line is not whole. */
    Optional<String> fingerprint() throws IOException {
        ByteBuffer head = ByteBuffer.allocate(FileId.HEAD_BYTES);
        read(head, 0);
        return FileId.of(inode, head);
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }
}
