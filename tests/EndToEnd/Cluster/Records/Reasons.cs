namespace Admission.EndToEnd.Cluster.Records;

/// <summary>Why requests are refused.</summary>
internal static class Reasons
{
    private static readonly string[] OfCapacity = ["at-capacity", "queue-full", "wait-expired", "deadline-unreachable"];

    /// <summary>Whether it is that the backend has no room; all others say that something is wrong.</summary>
    public static bool IsCapacity(RequestRecord request) => request.End == RequestEnd.Refused && OfCapacity.Contains(request.Detail);

    /// <summary>Whether it was refused because something is wrong.</summary>
    public static bool IsTrouble(RequestRecord request) => request.End == RequestEnd.Refused && !OfCapacity.Contains(request.Detail);
}
