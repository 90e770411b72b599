using Microsoft.Extensions.Options;

namespace Admission.Grains;

/// <summary>Refuses settings at start, with every reason.</summary>
internal sealed class CapacityGrainOptionsRules : IValidateOptions<CapacityGrainOptions>
{
    public ValidateOptionsResult Validate(string? name, CapacityGrainOptions options)
    {
        var mistakes = options.Mistakes().ToList();
        return mistakes.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(mistakes);
    }
}
