using System.Net.Sockets;
using Npgsql;

namespace Admission.Grains.Cluster;

/// <summary>What went wrong with the database, in words.</summary>
internal static class PostgresWords
{
    /// <summary>Whether the database, or the way to it, is what failed.</summary>
    public static bool IsFailure(Exception exception) => exception is NpgsqlException or SocketException or TimeoutException or IOException;

    /// <summary>Says it.</summary>
    public static string Explain(Exception exception) => Find(exception) switch
    {
        PostgresException { SqlState: PostgresErrorCodes.UndefinedTable } => "no silo has set the database up yet",
        PostgresException answered => $"PostgreSQL refuses: {answered.MessageText}",
        { } failed => $"PostgreSQL cannot be reached: {(failed.InnerException ?? failed).Message}",
        null => exception.Message,
    };

    // Engines wrap what they meet.
    private static NpgsqlException? Find(Exception exception)
    {
        for (var each = exception; each is not null; each = each.InnerException)
        {
            if (each is NpgsqlException found)
            {
                return found;
            }
        }

        return null;
    }
}
