package dev.weir.control.store;

import com.google.errorprone.annotations.ThreadSafe;
import java.util.List;
import java.util.Map;

/** The last good addresses of hosts: a restart must not depend on name service. Calls block on the database. */
@ThreadSafe
public interface AddressStore {
    /** IP addresses by host. */
    Map<String, List<String>> addresses();

    /** Stores addresses in the place of all others. */
    void save(Map<String, List<String>> addresses);
}
