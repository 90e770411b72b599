namespace Admission.Frontend.Forwarding;

/// <summary>Why a request's time in the backend ended before the backend had answered.</summary>
internal enum RunEnd
{
    /// <summary>It did not.</summary>
    None,

    /// <summary>The policy's <c>RunTimeout</c>, or the request's own shorter one.</summary>
    RunTimeout,

    /// <summary>The lease ran out, and the policy says <c>OnLeaseLost: Cancel</c>.</summary>
    LeaseLost,

    /// <summary>The client left, and the policy says <c>StopsWhenAbandoned</c>; or it closed its side of an upgraded connection.</summary>
    ClientLeft,

    /// <summary>The lease had run out before anything was sent to the backend; so nothing was.</summary>
    NotSent,
}
