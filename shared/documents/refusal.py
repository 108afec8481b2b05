"""The one way a document is turned away: a stable code and a sentence for the person who sent it."""

from typing import Final

SENTENCES: Final = {
    "document-empty": "文件是空的，没有可读的文字。",
    "document-too-large": "文件超过 {limit} MB，请压缩其中的图片或拆分后再上传。",
    "document-name-invalid": "文件名不合要求：不得为空或过长，不得含路径和控制字符。请改名后再上传。",
    "document-type-unsupported": "只接受 TXT、DOCX、PDF 文件（按内容识别，与扩展名无关）。{hint}",
    "document-has-macros": "文件含宏（.docm 或内嵌 VBA），不予接收。请另存为不含宏的 .docx。",
    "document-archive-unsafe": "文件的压缩结构异常（{reason}），可能是压缩炸弹，不予接收。",
    "document-encrypted": "文件已加密或设有密码、权限限制。请解除后再上传。",
    "document-no-text-layer": "这份 PDF 没有文字层，多半是扫描件。请上传可选中文字的 PDF、DOCX 或 TXT。",
    "document-too-many-pages": "PDF 超过 {limit} 页，请拆分后再上传。",
    "document-too-long": "文件的文字超过 {limit} 万字，请拆分后再上传。",
    "document-broken": "文件已损坏或格式不规范，无法读取。请用办公软件打开后另存一份再上传。",
    "document-too-slow": "文件结构过于复杂，{limit} 秒内未能读完。请另存一份精简的再上传。",
    "document-unsafe-characters": "文件含有{what}，读出的文字不可信，不予接收。请另存为 UTF-8 文本后再上传。",
    "workbook-type-unsupported": "只接受 .xlsx 工作簿（按内容识别，与扩展名无关）。{hint}",
    "workbook-has-macros": "工作簿含宏（.xlsm 或内嵌 VBA），不予接收。请另存为不含宏的 .xlsx。",
    "workbook-too-long": "工作表“{sheet}”超过 {limit} 行，请拆分后再上传。",
    "secrecy-mark": "发现密级标志“{mark}”。涉密内容严禁上网，不予接收，已经隔离；请立即告知本单位保密员。",
}
"""Every refusal code of this package and its sentence."""


class DocumentRefused(Exception):
    """A document is not taken; `code` is stable (kebab-case), `sentence` is for the screen."""

    def __init__(self, code: str, **facts: object) -> None:
        self.code = code
        self.facts = facts
        self.sentence = SENTENCES[code].format(**facts)
        super().__init__(self.sentence)
