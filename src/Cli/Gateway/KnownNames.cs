using System.CommandLine;
using System.CommandLine.Completions;
using System.Text.Json;

namespace Admission.Cli.Gateway;

/// <summary>Names of things that gateways know, as arguments and options; completion asks the gateway for them, and help must not.</summary>
internal static class KnownNames
{
    /// <summary>A key of a shell must not take longer.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);

    /// <summary>A backend.</summary>
    public static Argument<string> Backend(CommandContext context, string description = "The backend: the id of its YARP cluster.")
    {
        var argument = new Argument<string>("BACKEND") { HelpName = "BACKEND", Description = description };
        argument.CompletionSources.Add(completion => IsGiven(completion, argument) ? [] : Ask(context, completion, "backends", static answer => Ids(answer)));
        return argument;
    }

    /// <summary>A destination, after its backend.</summary>
    public static Argument<string> Destination(CommandContext context, Argument<string> backend)
    {
        var argument = new Argument<string>("DESTINATION") { HelpName = "DESTINATION", Description = "The destination: its name in the YARP cluster." };
        argument.CompletionSources.Add(completion => OfBackend(context, completion, backend, static answer => Ids(answer.GetProperty("destinations"))));
        return argument;
    }

    /// <summary>A priority, after its backend.</summary>
    public static Argument<string> Priority(CommandContext context, Argument<string> backend)
    {
        var argument = new Argument<string>("PRIORITY") { HelpName = "PRIORITY", Description = "The priority, by its name." };
        argument.CompletionSources.Add(completion => OfBackend(
            context, completion, backend, static answer => answer.GetProperty("priorities").EnumerateObject().Select(each => each.Name), "/policy"));
        return argument;
    }

    /// <summary>A backend in an option.</summary>
    public static Option<string> BackendOption(CommandContext context, string description)
    {
        var option = new Option<string>("--backend") { HelpName = "BACKEND", Description = description };
        option.CompletionSources.Add(completion => Ask(context, completion, "backends", static answer => Ids(answer)));
        return option;
    }

    private static IEnumerable<string> OfBackend(
        CommandContext context, CompletionContext completion, Argument<string> backend, Func<JsonElement, IEnumerable<string>> read, string rest = "") =>
        IsGiven(completion, backend) && completion.ParseResult.GetResult(backend) is { Tokens: [{ Value: var id }] } ? Ask(context, completion, AdminApi.Backend(id, rest), read) : [];

    /// <summary>Whether an argument has been written to its end.</summary>
    private static bool IsGiven(CompletionContext completion, Argument<string> argument) =>
        completion.ParseResult.GetResult(argument) is { Tokens: [{ Value: var given }] } && given != completion.WordToComplete;

    private static IEnumerable<string> Ids(JsonElement all) => all.EnumerateArray().Select(each => each.GetProperty("id").GetString()!);

    // Where nobody answers, there is nothing to propose.
    private static IEnumerable<string> Ask(CommandContext context, CompletionContext completion, string path, Func<JsonElement, IEnumerable<string>> read)
    {
        var mistakes = new List<string>();
        var connection = Connection.Read(new OptionValues(completion.ParseResult, mistakes), context.Variable, mistakes);
        if (mistakes.Count > 0)
        {
            return [];
        }

        using var api = new AdminApi(connection with { Timeout = Patience }, context.Time);
        try
        {
            return [.. read(api.GetAsync(path, context.Stop).GetAwaiter().GetResult().Body)];
        }
        catch (Exception failed) when (failed is CommandFailedException || ApiFailures.IsOdd(failed))
        {
            return [];
        }
    }
}
