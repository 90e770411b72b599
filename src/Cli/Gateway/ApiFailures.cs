using System.Globalization;
using System.Text.Json;
using Admission.Grains.Configuration;

namespace Admission.Cli.Gateway;

/// <summary>Says what went wrong with a gateway, and what to do about it.</summary>
internal static class ApiFailures
{
    private const int MostNames = 10;

    /// <summary>Nobody listens there.</summary>
    public static CommandFailedException Away(Connection connection, HttpRequestException failed) => new(
        ExitCodes.Unreachable,
        $"No gateway answers at {connection.Url}: {(failed.InnerException ?? failed).Message.TrimEnd('.')}. Start it, or say where it is with {GatewayOptions.Url.Name} or {GatewayOptions.UrlVariable}.");

    /// <summary>It takes too long.</summary>
    public static CommandFailedException Silent(Connection connection, TimeSpan patience) => new(
        ExitCodes.Unreachable,
        string.Create(CultureInfo.InvariantCulture, $"The gateway at {connection.Url} did not answer within {patience.TotalSeconds:0.###} s. Try again, or give it longer with {GatewayOptions.Timeout.Name}."));

    /// <summary>It has begun to answer, and says nothing more.</summary>
    public static CommandFailedException Stalled(Connection connection, TimeSpan patience) => new(
        ExitCodes.Unreachable,
        string.Create(CultureInfo.InvariantCulture, $"The gateway at {connection.Url} began to answer, and then said nothing for {patience.TotalSeconds:0.###} s."));

    /// <summary>It has begun to answer, and is gone.</summary>
    public static CommandFailedException Broken(Connection connection, Exception failed) => new(
        ExitCodes.Unreachable, $"The answer of the gateway at {connection.Url} broke off: {(failed.InnerException ?? failed).Message.TrimEnd('.')}.");

    /// <summary>Something else listens there, or a gateway of another time.</summary>
    public static CommandFailedException Odd(Connection connection, Exception odd) => new(
        ExitCodes.Unreachable,
        $"{connection.Url} answers, but not as a gateway of Admission does. Is {GatewayOptions.Url.Name} right, and the gateway's version that of this command line?",
        $"{odd.GetType().Name}: {odd.Message}");

    /// <summary>Whether this comes of an answer that has not what it must have, or has something else there.</summary>
    public static bool IsOdd(Exception odd) => odd is JsonException or KeyNotFoundException or InvalidOperationException or FormatException or OverflowException or NullReferenceException or ArgumentException;

    /// <summary>Something else listens there.</summary>
    public static CommandFailedException NoGateway(Connection connection, HttpResponseMessage response) => new(
        ExitCodes.Unreachable,
        $"{connection.Url} answers {(int)response.StatusCode} {response.ReasonPhrase}, but not as a gateway of Admission does. Is {GatewayOptions.Url.Name} right?");

    /// <summary>The gateway wants a key, or another one.</summary>
    /// <param name="connection">The gateway.</param>
    /// <param name="why">What it says; null for nothing.</param>
    public static CommandFailedException NotAllowed(Connection connection, string? why) => new(
        ExitCodes.NotAllowed,
        connection.Key is null
            ? $"{why ?? $"The gateway at {connection.Url} wants an API key."} Put {(why is null ? "it" : "an API key")} into {GatewayOptions.KeyVariable}, or into a file for {GatewayOptions.KeyFile.Name}."
            : why ?? $"The gateway at {connection.Url} does not take the key that was given.");

    /// <summary>The gateway says no.</summary>
    public static async Task<CommandFailedException> OfAsync(AdminApi api, ApiProblem problem, CancellationToken stop)
    {
        var code = problem.Status switch
        {
            401 or 403 => ExitCodes.NotAllowed,
            502 or 503 or 504 => ExitCodes.Unreachable,
            _ => ExitCodes.Refused,
        };
        return problem switch
        {
            { Status: 401 } when api.Connection.Key is null => NotAllowed(api.Connection, null),
            { Status: 401 or 403 } => NotAllowed(api.Connection, problem.Detail.Length > 0 ? problem.Detail : null),
            { Reason: "unknown-backend", Backend: { } backend } => new CommandFailedException(code, await UnknownAsync(api, backend, stop)),
            { Errors: { Count: > 0 } errors } => new CommandFailedException(code, $"{problem.Title}. Nothing was changed:", errors),
            _ => new CommandFailedException(code, problem.Detail.Length > 0 ? $"{problem.Title}: {problem.Detail}" : $"{problem.Title}."),
        };
    }

    private static async Task<string> UnknownAsync(AdminApi api, string backend, CancellationToken stop)
    {
        var answer = await api.AskAsync(HttpMethod.Get, "backends", stop);
        string[] names = answer.Body.ValueKind == JsonValueKind.Array ? [.. answer.Body.EnumerateArray().Select(each => each.GetProperty("id").GetString()!)] : [];
        return names.Length == 0
            ? $"There is no backend '{backend}': the gateway at {api.Connection.Url} has none with a policy."
            : $"There is no backend '{backend}'.{Spelling.DidYouMean(backend, names)} There {(names.Length == 1 ? "is only" : "are")} {string.Join(", ", names.Take(MostNames))}{(names.Length > MostNames ? $" and {names.Length - MostNames} more" : "")}.";
    }
}
