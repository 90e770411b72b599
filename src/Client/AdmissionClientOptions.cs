namespace Admission.Client;

/// <summary>The settings of an <see cref="AdmissionClient"/>.</summary>
public sealed class AdmissionClientOptions
{
    /// <summary>The longest possible <see cref="HolderName"/>.</summary>
    public const int LongestName = 100;

    /// <summary>
    /// What this process is called among the holders: 1 to 100 characters, default the machine's name. A random suffix makes it unique, so that two
    /// processes of one name are two holders, and a restarted process is a new one.
    /// </summary>
    public string HolderName { get; set; } = Environment.MachineName;

    /// <summary>After a failed exchange the next waits so long, doubling up to <see cref="LongestRetry"/>. 1 ms to 1 minute; default 50 ms.</summary>
    public TimeSpan ShortestRetry { get; set; } = TimeSpan.FromMilliseconds(50);

    /// <summary>The longest wait between failed exchanges. <see cref="ShortestRetry"/> to 1 minute; default 1 s.</summary>
    public TimeSpan LongestRetry { get; set; } = TimeSpan.FromSeconds(1);

    internal bool HasPossibleRetries =>
        ShortestRetry >= TimeSpan.FromMilliseconds(1) && ShortestRetry <= LongestRetry && LongestRetry <= TimeSpan.FromMinutes(1);
}
