package dev.weir.control.pick;

import com.google.errorprone.annotations.ThreadSafe;
import dev.weir.control.admission.AdmissionListener;

/** Told what becomes of checks and grants; must return at once. */
@ThreadSafe
public interface PickListener extends AdmissionListener {
    /** Told that grants were dropped because no sidecar has them. */
    void dropped(int grants);
}
