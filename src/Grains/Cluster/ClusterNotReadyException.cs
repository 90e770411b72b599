namespace Admission.Grains.Cluster;

/// <summary>Something that the start waits for is not there yet; the message says what.</summary>
/// <param name="message">What is waited for.</param>
/// <param name="cause">What showed it.</param>
internal sealed class ClusterNotReadyException(string message, Exception? cause = null) : Exception(message, cause);
