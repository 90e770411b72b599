using System.Globalization;
using System.Net;

namespace Admission.EndToEnd.Cluster.Proxy;

/// <summary>Finds out by /proc which process has a socket: many processes share the loopback address.</summary>
internal static class SocketOwners
{
    /// <summary>The process, of some, whose socket is bound to this port of the loopback address and connected; null if it is none of them.</summary>
    public static int? Find(IPEndPoint socket, IEnumerable<int> processes)
    {
        // In the kernel's words: 0100007F:1F90, an address in the machine's byte order.
        var local = $"{BitConverter.ToUInt32(socket.Address.MapToIPv4().GetAddressBytes()):X8}:{socket.Port:X4}";
        foreach (var inode in Inodes(local))
        {
            var link = $"socket:[{inode}]";
            foreach (var process in processes)
            {
                if (Has(process, link))
                {
                    return process;
                }
            }
        }

        return null;
    }

    private static IEnumerable<long> Inodes(string local)
    {
        // .NET opens sockets of both families, so a connection to 127.0.0.1 may be in either table.
        foreach (var table in new[] { "/proc/net/tcp", "/proc/net/tcp6" }.Where(File.Exists))
        {
            foreach (var line in File.ReadLines(table).Skip(1))
            {
                var fields = line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
                if (fields[1].EndsWith(local, StringComparison.Ordinal) && long.Parse(fields[9], CultureInfo.InvariantCulture) is var inode and not 0)
                {
                    yield return inode;
                }
            }
        }
    }

    private static bool Has(int process, string link)
    {
        try
        {
            return Directory.EnumerateFiles($"/proc/{process}/fd").Any(file => Target(file) == link);
        }
        catch (Exception gone) when (gone is IOException or UnauthorizedAccessException)
        {
            return false; // The process has ended.
        }
    }

    private static string? Target(string file)
    {
        try
        {
            return new FileInfo(file).LinkTarget;
        }
        catch (IOException)
        {
            return null; // Closed meanwhile.
        }
    }
}
