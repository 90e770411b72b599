namespace Admission.Grains.Cluster;

/// <summary>This process cannot take part, and waiting does not help; the message says why and what to do.</summary>
/// <param name="message">Why, and what to do.</param>
/// <param name="cause">What showed it.</param>
internal sealed class ClusterStartException(string message, Exception? cause = null) : Exception(message, cause);
