package dev.weir.control.up;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Optional;

/** The folder with what the parts keep, for one {@code weir up} at a time. Only its owner can read it. */
final class DataFolder implements AutoCloseable {
    private static final String EXPECTED = " (expected: a folder that can be written; --data DIR chooses another)";

    private final Path folder;
    private final FileChannel channel;
    private final boolean interrupted;

    private DataFolder(Path folder, FileChannel channel, boolean interrupted) {
        this.folder = folder;
        this.channel = channel;
        this.interrupted = interrupted;
    }

    /** Makes it if need be, and keeps others out. */
    static DataFolder open(Path folder) throws UpRefusal {
        try {
            Files.createDirectories(
                    folder, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
            FileChannel channel = FileChannel.open(
                    folder.resolve("up.lock"),
                    StandardOpenOption.CREATE,
                    StandardOpenOption.READ,
                    StandardOpenOption.WRITE);
            String holder = read(channel);
            if (lock(channel).isEmpty()) {
                channel.close();
                throw new UpRefusal("--data: \"" + folder
                        + "\" (expected: a folder that no other weir up works in; process " + holder + " does)");
            }
            channel.truncate(0);
            ByteBuffer pid = StandardCharsets.US_ASCII.encode(
                    String.valueOf(ProcessHandle.current().pid()));
            for (long at = 0; pid.hasRemaining(); ) {
                at += channel.write(pid, at);
            }
            return new DataFolder(folder, channel, !holder.isEmpty());
        } catch (IOException e) {
            throw new UpRefusal("--data: \"" + folder + "\": " + e + EXPECTED);
        }
    }

    /** Whether the last {@code weir up} was killed: its watchdog may be about to end what it left. */
    boolean interrupted() {
        return interrupted;
    }

    /** A folder in it, made if need be. */
    Path sub(String name) throws UpRefusal {
        Path sub = folder.resolve(name);
        try {
            return Files.createDirectories(sub);
        } catch (IOException e) {
            throw new UpRefusal("--data: \"" + sub + "\": " + e + EXPECTED);
        }
    }

    /** Says that all ended as it should, and lets others in. */
    @Override
    public void close() throws IOException {
        channel.truncate(0);
        channel.close();
    }

    private static Optional<FileLock> lock(FileChannel channel) throws IOException {
        try {
            return Optional.ofNullable(channel.tryLock());
        } catch (OverlappingFileLockException e) {
            return Optional.empty(); // this very process holds it
        }
    }

    private static String read(FileChannel channel) throws IOException {
        ByteBuffer text = ByteBuffer.allocate(20);
        int unused = channel.read(text, 0);
        return StandardCharsets.US_ASCII.decode(text.flip()).toString().replaceAll("[^0-9]", "");
    }
}
