using Admission.Cli.Output;

namespace Admission.Cli.Gateway;

/// <summary>One run of a command: the gateway that it asks, and where the answer goes.</summary>
/// <param name="Api">The gateway.</param>
/// <param name="Context">The world around it.</param>
/// <param name="WantsJson">The answer is for programs.</param>
/// <param name="Stop">Ends it early.</param>
internal sealed record Session(AdminApi Api, CommandContext Context, bool WantsJson, CancellationToken Stop)
{
    /// <summary>For people.</summary>
    public Sheet Sheet { get; } = new(Context.Output, Context.HasColours);

    /// <summary>Now.</summary>
    public DateTimeOffset Now => Context.Time.GetUtcNow();

    /// <summary>Asks, and ends the command where the answer is a problem.</summary>
    public Task<ApiAnswer> GetAsync(string path) => Api.GetAsync(path, Stop);

    /// <summary>Prints one document.</summary>
    public void Print<T>(T document) => Context.Output.WriteLine(System.Text.Json.JsonSerializer.Serialize(document, Json.Document));

    /// <summary>Prints one line of a stream, at once.</summary>
    public void PrintLine<T>(T line)
    {
        Context.Output.WriteLine(System.Text.Json.JsonSerializer.Serialize(line, Json.Line));
        Context.Output.Flush();
    }

    /// <summary>Asks whoever is there, on the error output: the output may go to a file, or be for programs.</summary>
    /// <param name="question">A question that Yes answers.</param>
    /// <param name="yes">It is answered already.</param>
    /// <exception cref="CommandFailedException">The answer is no, or nobody is there.</exception>
    public async Task ConfirmAsync(string question, bool yes)
    {
        if (yes)
        {
            return;
        }

        if (Context.Input is not { } input)
        {
            throw new CommandFailedException(ExitCodes.Mistaken, "Nobody is there to confirm it, because the input is no terminal. Give --yes if it is meant. Nothing was changed.");
        }

        await Context.Errors.WriteAsync($"{Plain.Text(question)} [y/N] ");
        await Context.Errors.FlushAsync(Stop);

        // A read of the terminal cannot be ended, but whoever presses Ctrl-C need not wait for it.
        var answer = (await Task.Run(input.ReadLine, CancellationToken.None).WaitAsync(Stop))?.Trim();
        if (!string.Equals(answer, "y", StringComparison.OrdinalIgnoreCase) && !string.Equals(answer, "yes", StringComparison.OrdinalIgnoreCase))
        {
            throw new CommandFailedException(ExitCodes.Refused, "Not confirmed. Nothing was changed.");
        }
    }
}
