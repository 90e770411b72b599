using System.CommandLine;
using Admission.Cli.Help;

namespace Admission.Cli.Gateway;

/// <summary>A command that asks a gateway.</summary>
internal abstract class GatewayCommand : Command, IDocumentedCommand, IReadableCommand
{
    private readonly CommandContext _context;

    /// <param name="name">Its name.</param>
    /// <param name="description">What it does, in a line.</param>
    /// <param name="context">The world around it.</param>
    /// <param name="examples">Command lines, each with what it does.</param>
    protected GatewayCommand(string name, string description, CommandContext context, params IReadOnlyList<Example> examples)
        : base(name, description)
    {
        _context = context;
        Examples = examples;
        SetAction((parsed, stop) => RunAsync(parsed, stop));
    }

    /// <summary>What a command line asks for.</summary>
    /// <returns>The exit code.</returns>
    protected delegate Task<int> Work(Session session);

    public IReadOnlyList<Example> Examples { get; }

    public virtual string? More => null;

    /// <summary>Adds the options that all such commands have, below a command too: after their own, as help has them.</summary>
    public static void AddCommonOptions(Command root)
    {
        foreach (var command in root.Subcommands)
        {
            AddCommonOptions(command);
        }

        foreach (var option in root is GatewayCommand ? GatewayOptions.All : [])
        {
            root.Add(option);
        }
    }

    public void Read(ParseResult parsed, List<string> mistakes)
    {
        var values = new OptionValues(parsed, mistakes);
        _ = Connection.Read(values, _context.Variable, mistakes);
        _ = Read(values);
    }

    /// <summary>Reads the command's own options and arguments.</summary>
    /// <returns>What to do if there were no mistakes.</returns>
    protected abstract Work Read(OptionValues values);

    private async Task<int> RunAsync(ParseResult parsed, CancellationToken stop)
    {
        var mistakes = new List<string>();
        var values = new OptionValues(parsed, mistakes);
        var connection = Connection.Read(values, _context.Variable, mistakes);
        var work = Read(values);
        if (mistakes.Count > 0)
        {
            return AdmissionCommand.Fail(_context.Errors, mistakes, this);
        }

        using var api = new AdminApi(connection, _context.Time);
        try
        {
            return await work(new Session(api, _context, values.Switch(GatewayOptions.Json), stop));
        }
        catch (Exception odd) when (api.HasAnswer && ApiFailures.IsOdd(odd))
        {
            // What an answer lacks shows only where it is used. The exception is told with it.
            throw ApiFailures.Odd(connection, odd);
        }
    }
}
