namespace Admission.Handover;

/// <summary>A semaphore of one permit for each lane, shared by processes.</summary>
internal interface ISemaphore : IAsyncDisposable
{
    /// <summary>Waits until the permit is ours.</summary>
    Task AcquireAsync(int lane);

    /// <summary>Gives it back.</summary>
    ValueTask ReleaseAsync(int lane);

    /// <summary>One round trip to where the semaphore is decided, that does nothing there.</summary>
    Task CallAsync(int lane);
}
