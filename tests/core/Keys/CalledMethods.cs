using System.Reflection;
using System.Reflection.Emit;

namespace OrleansChat.Core.Tests.Keys;

/// <summary>Which methods a method calls, as its compiled code says.</summary>
internal static class CalledMethods
{
    private static readonly Dictionary<int, OpCode> Codes = typeof(OpCodes).GetFields(BindingFlags.Public | BindingFlags.Static)
        .Select(field => (OpCode)field.GetValue(null)!)
        .ToDictionary(code => code.Value & 0xffff);

    /// <summary>The methods that a method calls itself.</summary>
    public static IReadOnlyList<MethodBase> Of(MethodBase method)
    {
        var code = method.GetMethodBody()!.GetILAsByteArray()!;
        var called = new List<MethodBase>();
        for (var i = 0; i < code.Length;)
        {
            var value = code[i++];
            var operation = Codes[value == 0xfe ? 0xfe00 | code[i++] : value];
            if (operation.OperandType is OperandType.InlineMethod)
                called.Add(method.Module.ResolveMethod(BitConverter.ToInt32(code, i), method.DeclaringType!.GetGenericArguments(), method.IsGenericMethod ? method.GetGenericArguments() : null)!);
            i += operation.OperandType switch
            {
                OperandType.InlineNone => 0,
                OperandType.ShortInlineBrTarget or OperandType.ShortInlineI or OperandType.ShortInlineVar => 1,
                OperandType.InlineVar => 2,
                OperandType.InlineI8 or OperandType.InlineR => 8,
                OperandType.InlineSwitch => 4 + (4 * BitConverter.ToInt32(code, i)),
                _ => 4,
            };
        }

        return called;
    }
}
