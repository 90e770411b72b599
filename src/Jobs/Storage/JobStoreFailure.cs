using System.Data.Common;
using System.Net.Sockets;

namespace Admission.Jobs.Storage;

/// <summary>Tells a store that cannot be asked from a bug.</summary>
internal static class JobStoreFailure
{
    /// <summary>Whether the store, or the way to it, is what failed.</summary>
    public static bool Is(Exception exception) => exception is DbException or SocketException or TimeoutException or IOException;
}
