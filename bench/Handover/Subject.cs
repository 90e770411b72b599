namespace Admission.Handover;

/// <summary>One of the semaphores, and how turns are taken at it.</summary>
/// <param name="Name">What the table calls it.</param>
/// <param name="Semaphore">What the frontends call it.</param>
internal sealed record Subject(string Name, string Semaphore, int Lanes, int Hold, int Spread, int Pause, int Seconds)
{
    public const string Admission = "admission";
    public const string Polling = "polling";
    public const string Notified = "notified";

    // A polled permit changes hands after up to a second, so whoever gave it back asks again later than that, and twenty pairs take turns side by side.
    public static readonly IReadOnlyList<Subject> All =
    [
        new("Admission", Admission, Lanes: 1, Hold: 4, Spread: 2, Pause: 2, Seconds: 8),
        new("Redis, publish/subscribe", Notified, Lanes: 1, Hold: 4, Spread: 2, Pause: 2, Seconds: 8),
        new("Redis, polled each second", Polling, Lanes: 20, Hold: 1300, Spread: 1000, Pause: 1100, Seconds: 16),
    ];
}
